// One try: a real host is broken, its alert comes, an operator approves what the fault's file names, and the lab judges
// what became of it.
import { sql } from 'kysely'
import type { Tier } from '../../domain/model.ts'
import { breakHost, healHost, judgeHost, loadFault } from '../oracle.ts'
import type { Fault } from '../fault.ts'
import { mark, recordsSince } from '../proving/counter.ts'
import { faultPayload } from '../proving/fault-alert.ts'
import type { Field } from '../proving/field.ts'
import { strays, untilOver } from '../proving/operator.ts'
import { aDayPasses, closeByPerson, type Final } from '../proving/record.ts'
import type { Store } from '../../store/connect.ts'
import type { Outcome } from './scoreboard.ts'

export type Tried = {
  readonly outcome: Outcome
  readonly incident: string
  readonly host: string
  readonly state: string
  readonly reason: string | null
}

/** Leaves host and Millwright as they were; `keep` is called while all of it stands in the record. */
export async function tryFault(
  field: Field,
  token: string,
  name: string,
  keep: (tried: Tried) => Promise<void>,
): Promise<Tried> {
  const [target] = field.targets
  if (target === undefined) throw new Error('there is no host to break')
  const fault = await loadFault(name)
  const { state, host } = target
  const { store } = field.crew
  const from = await mark(target)
  await breakHost(state, name, host.name)
  const began = performance.now()
  const incident = await field.post(faultPayload({ fault, host: host.name, startsAt: new Date() }))
  const final = await untilOver({ field, token, fault, incident })
  const seconds = (performance.now() - began) / 1_000
  const verdict = await judgeHost(state, name, host.name)
  const records = recordsSince(target, from)
  await healHost(state, host.name)
  const wrongAction = await wrongIn(store, { fault, incident, final, collateral: verdict.collateral, records })
  const right = wrongAction === null && isRight(fault, final, verdict.healthy)
  const spent = await spentOn(store, incident)
  const tried: Tried = {
    outcome: { fault: name, right, wrongAction, handedOver: gotIt(fault, final), ...spent, seconds },
    incident,
    host: host.name,
    state: final?.state ?? 'unknown',
    reason: final?.reason ?? null,
  }
  await keep(tried)
  await closeByPerson(field)
  await aDayPasses(store)
  return tried
}

/** Nobody says here that an alert is over: what is nothing stays with people until somebody does. */
function isRight({ ending }: Fault, final: Final | null, healthy: boolean): boolean {
  return ending.kind === 'repaired' ? final?.state === 'closed' && healthy : final?.state === 'handed-over'
}

function gotIt({ ending }: Fault, final: Final | null): boolean | null {
  return ending.kind === 'handed-over' ? final?.state === 'handed-over' : null
}

type Acted = {
  readonly fault: Fault
  readonly incident: string
  readonly final: Final | null
  readonly collateral: readonly string[]
  /** Runs that began, as the host's own disk says. */
  readonly records: readonly string[]
}

async function wrongIn(store: Store, { fault, incident, final, collateral, records }: Acted): Promise<string | null> {
  if (collateral.length > 0) return collateral.join(' ').slice(0, 1_000)
  const strange = records.find((run) => final?.runs.some(({ id }) => id === run) !== true)
  if (strange !== undefined) return `The host carried out ${strange}, which is no run of this incident.`
  const runs = await store
    .selectFrom('run')
    .innerJoin('plan', 'plan.id', 'run.plan')
    .select(['run.id', 'plan.body'])
    .where(sql`run.incident`, '=', incident)
    .execute()
  const wrong = runs.find(({ id, body }) => records.includes(id) && strays(fault, body))
  return wrong === undefined ? null : `${wrong.body.wants}: it ran, and this fault does not ask for it.`
}

async function spentOn(store: Store, incident: string) {
  const calls = await store
    .selectFrom('model_call')
    .select(['tokens', 'dollars', 'tier', 'attempts'])
    .where(sql`incident`, '=', incident)
    .execute()
  const entries = await store
    .selectFrom('timeline')
    .select('entry')
    .where(sql`incident`, '=', incident)
    .execute()
  const spentBy = (by: Tier) => {
    const its = calls.filter(({ tier }) => tier === by)
    return {
      calls: its.reduce((sum, { attempts }) => sum + attempts, 0),
      tokens: its.reduce((sum, { tokens }) => sum + Number(tokens), 0),
      dollars: its.reduce((sum, call) => sum + Number(call.dollars), 0),
    }
  }
  const dropped = entries.flatMap(({ entry }) => (entry.kind === 'turn' ? entry.dropped : []))
  return {
    turns: calls.filter(({ tier }) => tier === 'planner').length,
    dropped: dropped.length,
    spent: { planner: spentBy('planner'), reader: spentBy('reader') },
  }
}
