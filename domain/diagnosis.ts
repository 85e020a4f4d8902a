// What an investigation concluded. Every claim names evidence of this incident; what nothing bears out was dropped.
import type { EvidenceId } from './ids.ts'
import type { Params } from './predicate.ts'

/** In words, never a number: nothing is decided by it. */
export const confidences = ['certain', 'likely', 'possible', 'unknown'] as const
export type Confidence = (typeof confidences)[number]

/** `label`: what the model was told to call it, `e<round>.<position>`; the quote occurs in what was recorded. */
export type Citation = { readonly label: string; readonly evidence: EvidenceId; readonly quote: string | null }

/** What a model said and code could not bear out, with the reason. */
export type Dropped = { readonly what: string; readonly why: string }

export type Proposal =
  | { readonly kind: 'playbook'; readonly playbook: string; readonly params: Params }
  | { readonly kind: 'code-fix' }
  | { readonly kind: 'person' }

export type Diagnosis = {
  readonly hypothesis: string
  readonly confidence: Confidence
  readonly for: readonly Citation[]
  readonly against: readonly Citation[]
  readonly ruledOut: readonly { readonly what: string; readonly because: string }[]
  /** What it could not see, and why. */
  readonly gaps: readonly { readonly what: string; readonly why: string }[]
  readonly proposes: Proposal
}

/** What code made of one answer. `says`: a sentence for people; `look` and `again` are followed by another turn. */
export type Judged =
  | { readonly kind: 'look' }
  /** It answered badly, and was told so. */
  | { readonly kind: 'again' }
  | { readonly kind: 'remediate'; readonly playbook: string; readonly params: Params; readonly says: string }
  | { readonly kind: 'code-fix'; readonly says: string }
  | { readonly kind: 'person'; readonly says: string }

/** One exchange with a model, as the timeline tells it. */
export type Turn = {
  readonly investigation: number
  /** From 1. */
  readonly turn: number
  readonly model: string
  /** Why it asks, in its own words; short, redacted. */
  readonly says: string
  /** What it wants to look at: `unit-status nginx.service on web-01`. */
  readonly asks: readonly string[]
  readonly dropped: readonly Dropped[]
  /** Budgets of which four fifths are used since this turn, a sentence each. */
  readonly warns: readonly string[]
  /** What became of the answer: it looks, is asked again for it was no good, or ends. */
  readonly judged: Judged['kind']
  /** Null while it goes on, and where it ended without a conclusion. */
  readonly diagnosis: Diagnosis | null
  /** Of the planner's and the reader's calls of this turn. `dollars`: by list price. */
  readonly cost: {
    readonly input: number
    readonly cached: number
    readonly output: number
    readonly dollars: number
    readonly milliseconds: number
  }
}
