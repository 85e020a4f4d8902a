// A decision on exactly one plan: a row first, then the workflow. What can't be delivered is void, and the person is
// told so.
import { decisionValiditySeconds, type Decision, type Verdict } from '../domain/decision.ts'
import { Failure, type FailureCode } from '../domain/failure.ts'
import { handsSince, type Person } from '../domain/person.ts'
import type { PersonQuestion } from '../policies/evaluate.ts'
import {
  approversOf,
  auditRefusal,
  decidedPlan,
  decisionsOn,
  insertDecision,
  markDelivered,
  voidDecision,
  type DecisionRow,
} from '../store/decision.ts'
import { readQuarantine } from '../store/quarantine.ts'
import type { Session } from '../store/session.ts'
import { readStop } from '../store/lease.ts'
import { decide } from '../workflows/messages.ts'
import { mayRead } from './allow.ts'
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
export async function decidePlan(deps: GatewayDeps, session: Session, wish: Wish): Promise<Decided> {
  const { store, now } = deps
  const { person } = session
  const plan = await decidedPlan(store, wish.digest)
  if (plan === null) throw notThere()
  const before = await decisionsOn(store, wish.digest)
  const same = before.find(({ id }) => id === wish.id)
  if (same !== undefined) return repeated(same, wish, person, plan)
  const refuse = async (code: FailureCode, says: string): Promise<Failure> => {
    const { team, environment, incident } = plan
    const act = `plan.${wish.verdict}.refused`
    await auditRefusal(store, { at: now(), team, environment, person: person.name, act, subject: incident, code, says })
    return new Failure({ code, message: says, hint: `The story: /incidents/${plan.number}` })
  }
  const refusal = await refusalNow(deps, { session, verdict: wish.verdict, plan, digest: wish.digest })
  if (refusal !== null) {
    const failure = await refuse(refusal.code, refusal.says)
    throw mayRead(person, plan.team) ? failure : notThere()
  }

  const decidedAt = now()
  const validUntil = new Date(decidedAt.getTime() + decisionValiditySeconds * 1_000)
  const { incident, team, environment } = plan
  const { id, verdict, reason } = wish
  const row = { id, incident, team, environment, verdict, reason, decidedAt, validUntil, planDigest: wish.digest }
  const written = await insertDecision(store, {
    ...row,
    person: person.name,
    role: person.role,
    hands: handsOf(session, plan),
  })
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

function notThere(): Failure {
  return new Failure({ code: 'input.not-found', message: 'There is no such plan.', hint: 'Load the page again.' })
}

/** Whether this person may decide so, and for an approval whether anything may change there at all. */
async function refusalNow(
  deps: GatewayDeps,
  asked: Asked,
): Promise<{ readonly code: FailureCode; readonly says: string } | null> {
  const { allowed, rule } = deps.policies().mayDecide(await question(deps, asked))
  if (!allowed) return { code: 'policy.forbidden', says: rule.says }
  if (asked.verdict !== 'approve') return null
  const { stopped, says } = await readStop(deps.store)
  if (stopped) return { code: 'stopped', says }
  const quarantine = await readQuarantine(deps.store, asked.plan.host)
  if (quarantine === null) return null
  return { code: 'policy.forbidden', says: `The host is in quarantine: ${quarantine.because}` }
}

type Asked = {
  readonly session: Session
  readonly verdict: Verdict
  readonly plan: PlanRow
  readonly digest: string
}

async function question(deps: GatewayDeps, { session, verdict, plan, digest }: Asked): Promise<PersonQuestion> {
  const { person } = session
  if (verdict !== 'approve') return { person, act: verdict, team: plan.team }
  const playbook = deps.catalogue().playbooks.find(({ id }) => id === plan.playbook)
  const authors = playbook === undefined ? [] : [playbook.owner, ...playbook.authors]
  const approved = await approversOf(deps.store, digest, deps.now())
  return { person, act: 'approve', team: plan.team, plan: { approved, authors, hands: handsOf(session, plan) } }
}

function handsOf({ hands }: Session, plan: PlanRow): readonly string[] {
  return handsSince(hands, plan.created_at)
}

/** Why this person's approval of a plan would be refused, in the rule's own words; null when it would not. */
export async function approvalRefusal(deps: GatewayDeps, session: Session, digest: string): Promise<string | null> {
  const plan = await decidedPlan(deps.store, digest)
  if (plan === null) return null
  const asked = { session, verdict: 'approve', plan, digest } as const
  const { allowed, rule } = deps.policies().mayDecide(await question(deps, asked))
  return allowed ? null : rule.says
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
