// What people see of the models that are asked.
import type { Diagnosis } from '../diagnosis.ts'
import type { Digest } from '../ids.ts'
import type { Tier } from '../model.ts'

/** What a model takes for the cause: nothing of it is measured. */
export type Supposed = Pick<Diagnosis, 'hypothesis' | 'confidence' | 'for' | 'against'> & { readonly model: string }

/** One call of a model: what left for it, and what it came to. */
export type CallView = {
  readonly investigation: number
  readonly turn: number
  readonly tier: Tier
  readonly model: string
  /** `reserved`: under way, or nobody knows its end; tokens and dollars are the worst then. */
  readonly state: 'reserved' | 'answered' | 'failed'
  readonly at: string
  /** The origin that it was sent to; empty: nobody outside. */
  readonly to: string
  /** Of the question in canonical JSON. */
  readonly bytes: number
  readonly digest: Digest
  readonly tokens: number
  readonly dollars: number
  /** Day of the price list, or `config`. */
  readonly pricedBy: string
}
