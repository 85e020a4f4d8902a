// Who may let a plan run. Silence never means yes.
import type { DecisionId, Digest } from './ids.ts'

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

/** A decision that is not delivered within this is void. Source: design, section 6. */
export const decisionValiditySeconds = 20
