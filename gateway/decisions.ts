// A decision on exactly one plan: a row first, then the workflow. What can't be delivered is void, and the person is
// told so.
import { decisionValiditySeconds, type Decision, type Verdict } from '../domain/decision.ts'
import { Failure, type FailureCode } from '../domain/failure.ts'
import type { PersonQuestion } from '../policies/evaluate.ts'
import {
  auditRefusal,
  decidedPlan,
  decisionsOn,
  insertDecision,
  markDelivered,
  voidDecision,
  type DecisionRow,
} from '../store/decision.ts'
import type { Person } from '../store/people.ts'
import { readStop } from '../store/lease.ts'
import { decide } from '../workflows/messages.ts'
import type { GatewayDeps } from './deps.ts'
import { tellWorkflow } from './tell-workflow.ts'

export type Wish = { readonly id: string; readonly digest: string; readonly verdict: Verdict; readonly reason: string }

export type Decided = {
  readonly decision: string
  readonly verdict: Verdict
  readonly incident: number
  readonly person: string
  /** ISO 8601. */
  readonly at: string
}

type PlanRow = NonNullable<Awaited<ReturnType<typeof decidedPlan>>>

/**
 * Records and delivers it. Throws `input.not-found`, `policy.forbidden`, `stopped`, `conflict.already-decided` (with
 * the recorded one), `conflict.plan-changed`, `conflict.expired`, and `conflict.not-delivered`: then nothing will run
 * because of it.
 */
export async function decidePlan(deps: GatewayDeps, person: Person, wish: Wish): Promise<Decided> {
  const { store, now } = deps
  const plan = await decidedPlan(store, wish.digest)
  if (plan === null)
    throw new Failure({ code: 'input.not-found', message: 'There is no such plan.', hint: 'Load the page again.' })
  const before = await decisionsOn(store, wish.digest)
  const same = before.find(({ id }) => id === wish.id)
  if (same !== undefined) return repeated(same, wish, person, plan)
  const refuse = async (code: FailureCode, says: string): Promise<Failure> => {
    const { team, environment, incident } = plan
    const act = `plan.${wish.verdict}.refused`
    await auditRefusal(store, { at: now(), team, environment, person: person.name, act, subject: incident, code, says })
    return new Failure({ code, message: says, hint: `The story: /incidents/${plan.number}` })
  }
  const permission = deps.policies().mayDecide(question(deps, { person, wish, plan, before }))
  if (!permission.allowed) throw await refuse('policy.forbidden', permission.rule.says)
  const stop = wish.verdict === 'approve' ? await readStop(store) : null
  if (stop?.stopped === true) throw await refuse('stopped', stop.says)

  const decidedAt = now()
  const validUntil = new Date(decidedAt.getTime() + decisionValiditySeconds * 1_000)
  const { incident, team, environment } = plan
  const { id, verdict, reason } = wish
  const row = { id, incident, team, environment, verdict, reason, decidedAt, validUntil, planDigest: wish.digest }
  const written = await insertDecision(store, { ...row, person: person.name, role: person.role })
  if (!written)
    throw new Failure({
      code: 'conflict.already-decided',
      message: 'This form was sent before.',
      hint: 'Load the page again.',
    })

  const message: Decision = {
    id,
    planDigest: wish.digest,
    verdict,
    person: person.name,
    reason,
    validUntil: validUntil.toISOString(),
  }
  const told = await tellWorkflow(deps, incident, (handle) =>
    handle.executeUpdate(decide, { args: [message], updateId: id }),
  )
  if (told.kind === 'accepted') {
    await markDelivered(store, id, now())
    return { decision: id, verdict, incident: Number(plan.number), person: person.name, at: decidedAt.toISOString() }
  }
  const isVoid = await voidDecision(store, id, now())
  if (told.kind === 'refused') throw await refuse(told.code, await withRecorded(deps, wish.digest, told.says))
  deps.log.warn({ error: told.error, incident, decision: id }, 'a decision could not be delivered')
  throw isVoid ? await refuse('conflict.not-delivered', 'Not delivered: nothing will run because of it.') : lateClaim()
}

type Asked = {
  readonly person: Person
  readonly wish: Wish
  readonly plan: PlanRow
  readonly before: readonly DecisionRow[]
}

function question(deps: GatewayDeps, { person, wish, plan, before }: Asked): PersonQuestion {
  const owner = deps.catalogue().playbooks.find(({ id }) => id === plan.playbook)?.owner ?? ''
  const counted = before.filter(
    ({ verdict, deliveredAt, voidAt }) => verdict === 'approve' && deliveredAt !== null && voidAt === null,
  )
  const approvedBy = counted.map((one) => one.person)
  return { person, act: wish.verdict, team: plan.team, plan: { owner, approvedBy } }
}

/** The same form again: the same answer, never a second decision. */
function repeated(row: DecisionRow, wish: Wish, person: Person, plan: PlanRow): Decided {
  const isSame = row.person === person.name && row.verdict === wish.verdict && row.deliveredAt !== null
  if (isSame) {
    const at = row.decidedAt.toISOString()
    return { decision: row.id, verdict: row.verdict, incident: Number(plan.number), person: row.person, at }
  }
  throw new Failure({
    code: row.voidAt === null ? 'conflict.already-decided' : 'conflict.not-delivered',
    message: row.voidAt === null ? describe(row) : 'This decision was not delivered: nothing will run because of it.',
    hint: 'Load the page again and decide anew.',
  })
}

async function withRecorded({ store }: GatewayDeps, digest: string, says: string): Promise<string> {
  const recorded = (await decisionsOn(store, digest)).findLast(
    ({ deliveredAt, voidAt }) => deliveredAt !== null && voidAt === null,
  )
  return recorded === undefined ? says : `${says} ${describe(recorded)}`
}

function describe({ verdict, person, decidedAt }: DecisionRow): string {
  return `Recorded: ${verdict} by ${person} at ${decidedAt.toISOString()}.`
}

function lateClaim(): Failure {
  return new Failure({
    code: 'conflict.already-decided',
    message: 'The workflow took this decision, though its answer came too late: what it allowed is under way.',
    hint: 'Load the page again.',
  })
}
