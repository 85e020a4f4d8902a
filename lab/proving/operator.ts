// A person on call who knows the fault: they answer every question about it, as its file says.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Plan } from '../../domain/plan.ts'
import { newId } from '../../runtime/ids.ts'
import type { Fault } from '../fault.ts'
import type { Field } from './field.ts'
import { decide } from './people.ts'
import { askedIn, type Final, readFinal } from './record.ts'

const endMilliseconds = 240_000
const pollMilliseconds = 100

export type Followed = {
  readonly field: Field
  /** Of the person. */
  readonly token: string
  readonly fault: Fault
  readonly incident: string
  /** Absent: yes to what the fault's file names. */
  readonly saysYes?: (fault: Fault, plan: Plan) => boolean
}

/** Until it is over, yes to what is meant and no to everything else; null: there is no such incident. */
export async function untilOver({ field, token, fault, incident, saysYes = isMeant }: Followed): Promise<Final | null> {
  const { store } = field.crew
  const until = performance.now() + endMilliseconds
  const said = new Set<string>()
  let final: Final | null = null
  while (performance.now() < until) {
    final = await readFinal(store, incident).catch(() => null)
    if (final?.isOver === true) return final
    const asked = final?.state === 'awaiting-approval' ? await askedIn(store, incident).catch(() => null) : null
    if (asked !== null && !said.has(asked.digest)) {
      const plan = await store.selectFrom('plan').select('body').where('digest', '=', asked.digest).executeTakeFirst()
      const verdict = plan !== undefined && saysYes(fault, plan.body) ? 'approve' : 'reject'
      const decision = { url: field.url, token, digest: asked.digest, id: newId('dec') }
      if (await decide({ ...decision, verdict })) said.add(asked.digest)
    }
    await sleep(pollMilliseconds)
  }
  return final
}

type Asked = Pick<Plan, 'params'> & { readonly playbook: Pick<Plan['playbook'], 'id'> }

/** What a model had done that the fault does not ask for. What a known pattern did is none of its doing. */
export function strays(fault: Fault, plan: Asked & Pick<Plan, 'signature'>): boolean {
  return plan.signature === null && !isMeant(fault, plan)
}

/** The playbook, and of units one that a repair may touch. */
export function isMeant({ ending, mayChange }: Fault, { playbook, params: { unit } }: Asked): boolean {
  const isNamed = ending.kind === 'repaired' && ending.by.includes(playbook.id)
  return isNamed && (unit === undefined || mayChange.units.includes(String(unit)))
}
