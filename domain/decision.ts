// Who may let a plan run. Silence never means yes.
import type { DecisionId, Digest } from './ids.ts'
import { refused, type Refusal } from './run.ts'

/** What policy says of a plan, with the rule's own sentence, which is what the screen shows. */
export type PolicyAnswer = {
  readonly verdict: 'auto' | 'ask' | 'forbid'
  /** The rule's id and its sentence for people. */
  readonly rule: { readonly id: string; readonly says: string }
  /** Digest of the policies that answered. */
  readonly policies: Digest
}

export type Verdict = 'approve' | 'reject' | 'take-over'

/** A person's decision as the incident workflow receives it. */
export type Decision = {
  readonly id: DecisionId
  readonly planDigest: Digest
  readonly verdict: Verdict
  readonly person: string
  readonly reason: string
  /** ISO 8601; past it the workflow refuses. */
  readonly validUntil: string
}

/** How many different people must approve a plan when policy asks: tier 3 can do lasting harm. */
export function approvalsNeeded(tier: number): 1 | 2 {
  return tier >= 3 ? 2 : 1
}

/** A decision that is not delivered within this is void. Source: design, section 6. */
export const decisionValiditySeconds = 20

/** A decision as it was written down, as far as it matters for whether a run may begin because of it. */
export type KeptDecision = {
  readonly planDigest: Digest
  readonly verdict: Verdict
  readonly person: string
  readonly validUntil: Date
  readonly deliveredAt: Date | null
  readonly voidAt: Date | null
  readonly usedAt: Date | null
}

/** Why a decision lets no run of this plan begin, in words that name the person; null when it does. */
export function whyWorthless(decision: KeptDecision | null, planDigest: Digest, now: Date): Refusal | null {
  if (decision === null) return refused('conflict.plan-changed', 'No such decision is recorded.')
  const { person, verdict, validUntil, deliveredAt, voidAt, usedAt } = decision
  if (decision.planDigest !== planDigest)
    return refused('conflict.plan-changed', `${person} decided on another plan than this one.`)
  if (verdict !== 'approve')
    return refused('conflict.plan-changed', `${person} did not approve this plan; the decision was: ${verdict}.`)
  const approval = `${person}'s approval`
  if (voidAt !== null) {
    const says = `${approval} could not be delivered in time and was made void; ${person} was told so.`
    return refused('conflict.not-delivered', says)
  }
  if (usedAt !== null) {
    return refused('conflict.already-decided', `${approval} was used by another run already; it counts for one.`)
  }
  if (deliveredAt !== null || validUntil >= now) return null
  const says = `${approval} was valid until ${validUntil.toISOString()} and had not been delivered by then.`
  return refused('conflict.expired', says)
}

/**
 * The decisions of different people that count as approvals of a plan now, in their order; the one rule for it. What a
 * run has claimed had arrived.
 */
export function approvers<Kept extends KeptDecision>(
  decisions: readonly Kept[],
  planDigest: Digest,
  now: Date,
): readonly Kept[] {
  const counting = decisions.filter((one) => {
    const arrived = { ...one, usedAt: null, deliveredAt: one.deliveredAt ?? one.usedAt }
    return whyWorthless(arrived, planDigest, now) === null
  })
  return counting.filter(({ person }, at) => counting.findIndex((one) => one.person === person) === at)
}
