// What becomes of an incident whose fault nobody knows, by who was asked about it: each persona says which of these are
// right with it.
import type { HandOverReason } from '../../domain/incident.ts'

/** Why people have it, and what they are told then. */
export type HandedOver = { readonly reason: HandOverReason; readonly says: RegExp }

export type Ends = {
  /** Whether it answers at all; `looks`: with what it wants to see. */
  readonly answers: 'concludes' | 'looks' | 'never'
  /** Whether a fault that can be repaired is, after a person's yes. */
  readonly repairs: 'always' | 'perhaps' | 'never'
  /** Where it is not repaired, one of these is right. */
  readonly handsOver: readonly HandedOver[]
}

/** The hypothesis, with its confidence word. */
const concluded: HandedOver = {
  reason: 'novel',
  says: /It was investigated: .+ \((certain|likely|possible|unknown)\)\./,
}
const inconclusive: HandedOver = { reason: 'novel', says: /came to no conclusion that counts within its exchanges/ }
const overBudget: HandedOver = { reason: 'over-budget', says: /^This incident has used .+ of .+/ }
/** A person said no to what it proposed. */
const declined: HandedOver = { reason: 'rejected', says: /\S/ }

/** Of who is right. */
export const asAnOperator: Ends = { answers: 'concludes', repairs: 'always', handsOver: [concluded] }

/** Of who says nothing that counts. */
export const withoutConclusion: Ends = { answers: 'concludes', repairs: 'never', handsOver: [inconclusive, overBudget] }

/** Of who looks, and then says that it does not know. */
export const handingOver: Ends = {
  answers: 'looks',
  repairs: 'never',
  handsOver: [concluded, inconclusive, overBudget],
}

/** Of who may hit upon the right thing. */
export const byChance: Ends = {
  answers: 'concludes',
  repairs: 'perhaps',
  handsOver: [
    concluded,
    inconclusive,
    overBudget,
    declined,
    { reason: 'code-fix', says: /It was investigated: .+The fault is in code/ },
    { reason: 'none-applicable', says: /\S/ },
  ],
}

/** Of who will not. */
export const refusing: Ends = {
  answers: 'concludes',
  repairs: 'never',
  handsOver: [{ reason: 'novel', says: /The model refuses to look into this/ }],
}

/** Of who can not. */
export const unreachable: Ends = {
  answers: 'never',
  repairs: 'never',
  handsOver: [{ reason: 'novel', says: /the model could not be asked: .+ was asked \d+ times/ }],
}
