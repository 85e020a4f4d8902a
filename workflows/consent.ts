// What people said, and when it counts: the first word that settles what waits stands, and every later one is refused.
// Refused updates leave no history, so the gateway writes them down.
import { ApplicationFailure } from '@temporalio/workflow'
import type { Decision } from '../domain/decision.ts'
import type { FailureCode } from '../domain/failure.ts'
import type { Digest, PlanId } from '../domain/ids.ts'
import type { IncidentState } from '../domain/incident.ts'
import type { Ending } from './ending.ts'
import type { Lift, Question } from './messages.ts'

/** The plan that people are asked about. */
export type Pending = {
  readonly plan: PlanId
  readonly digest: Digest
  readonly approvals: 1 | 2
  /** An undo takes back another plan, so fresh evidence would not change it. */
  readonly kind: 'repair' | 'undo'
  /** ISO 8601. */
  readonly until: string
}

export type Closing = { readonly person: string; readonly says: string }

/** What ended the waiting; `over`: without a person's word. */
export type Settled =
  | { readonly kind: 'decided'; readonly decision: Decision }
  | { readonly kind: 'more'; readonly question: Question }
  | { readonly kind: 'closing'; readonly closing: Closing }
  | { readonly kind: 'over'; readonly ending: Ending }

/** People are asked about a plan or, without one, have the incident and may end it. */
export type Asked = {
  readonly pending: Pending | null
  /** Decisions on the plan, in the order in which they were accepted. */
  readonly decisions: readonly Decision[]
  /** Null while it waits for people. */
  readonly settled: Settled | null
}

export function asking(pending: Pending | null): Asked {
  return { pending, decisions: [], settled: null }
}

/** Refuses what is late, for another plan, or already decided. `now` is the workflow's time, in milliseconds. */
export function acceptDecision(asked: Asked | null, decision: Decision, now: number): void {
  const { until } = waitingPlan(asked, decision.planDigest)
  if (now > Date.parse(decision.validUntil) || now > Date.parse(until)) {
    throw refuse('conflict.expired', 'This decision came too late: nothing runs because of it.')
  }
  // Who approved may think better of it while a second person is waited for.
  const again = asked?.decisions.some(({ person }) => person === decision.person) === true
  if (again && decision.verdict === 'approve') {
    throw refuse('conflict.already-decided', 'You have approved this already: a second person decides.')
  }
}

/** With an accepted decision; the last approval that it needs settles it, and everything else does at once. */
export function decided(asked: Asked | null, decision: Decision): Asked | null {
  if (asked === null) return null
  const decisions = [...asked.decisions, decision]
  const open = decision.verdict === 'approve' && decisions.length < (asked.pending?.approvals ?? 1)
  return { ...asked, decisions, settled: open ? null : { kind: 'decided', decision } }
}

/** Fresh evidence is collected so often for one incident at most: each time moves the moment at which it expires. */
export const maximumAsks = 3

/** Refuses what is for another plan, already decided, or asked too often; `asks`: how often somebody did. */
export function acceptQuestion(asked: Asked | null, { planDigest }: Question, asks: number): void {
  const { kind } = waitingPlan(asked, planDigest)
  if (kind === 'undo') throw refuse('input.usage', 'An undo is not planned anew: approve it, reject it or take over.')
  if (asks >= maximumAsks)
    throw refuse('input.usage', `It was looked at anew ${maximumAsks} times: approve it, reject it or take over.`)
}

/** A person ends an incident while it waits for people, not while something is being done. */
export function acceptClose(asked: Asked | null): void {
  const settled = asked === null ? null : asked.settled
  if (settled?.kind === 'closing') throw refuse('conflict.already-decided', settledSays(settled))
  if (asked === null || settled !== null) {
    const before = settled === null ? '' : `${settledSays(settled)} `
    const says = `${before}Millwright is working on this incident; close it when it waits for people.`
    throw refuse('conflict.not-delivered', says)
  }
}

type Paused = { readonly state: IncidentState; readonly investigation: object | null; readonly lift: Lift | null }

/** Refuses where no investigation is paused: it has a budget, or a person ended it, or its workflow was lost. */
export function acceptLift({ state, investigation, lift }: Paused): void {
  if (lift !== null) throw refuse('conflict.already-decided', `${lift.person} lifted its budget before.`)
  if (state !== 'handed-over' || investigation === null) {
    throw refuse(
      'conflict.not-delivered',
      'No investigation of this incident is paused: there is nothing to go on with.',
    )
  }
}

/** The first word counts; what is settled stays so. */
export function settle(asked: Asked | null, settled: Settled): Asked | null {
  return asked === null || asked.settled !== null ? asked : { ...asked, settled }
}

function waitingPlan(asked: Asked | null, digest: Digest): Pending {
  const pending = asked?.pending ?? null
  if (asked === null || pending === null)
    throw refuse('conflict.already-decided', 'No plan of this incident waits for a decision.')
  if (digest !== pending.digest)
    throw refuse('conflict.plan-changed', 'This is about another plan than the one that waits now.')
  if (asked.settled !== null) throw refuse('conflict.already-decided', settledSays(asked.settled))
  return pending
}

const verdicts = { approve: 'approved this plan', reject: 'rejected this plan', 'take-over': 'took over' } as const

/** What was decided, and by whom. */
function settledSays(settled: Settled): string {
  switch (settled.kind) {
    case 'decided':
      return `${settled.decision.person} ${verdicts[settled.decision.verdict]} before.`
    case 'more':
      return `${settled.question.person} asked for fresh evidence before: what is planned from it is another plan.`
    case 'closing':
      return `${settled.closing.person} closed this incident before.`
    case 'over':
      return settled.ending.says
  }
}

function refuse(code: FailureCode, says: string): ApplicationFailure {
  return ApplicationFailure.create({ type: code, message: says, nonRetryable: true })
}
