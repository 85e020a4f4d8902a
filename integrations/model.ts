// Models: one folder each in `integrations/models/`. They run in the process `mind`, which holds nothing but their key.
import type { z } from 'zod'
import type { Price, Question, Reply } from '../domain/model.ts'

export type Tools = {
  /** Resolves a `file:` or `env:` reference of the config; throws when it can't. */
  readonly secret: (reference: string) => string
  readonly signal: AbortSignal
  /** The only way out: refuses every address but this model's own, and answers that are longer than was asked for. */
  readonly fetch: typeof globalThis.fetch
}

export type Model<Config = unknown> = {
  readonly config: z.ZodType<Config>
  /** The provider's name for the model, for the ledger. */
  readonly model: (config: Config) => string
  /** How hard it is told to think, in the provider's word; null where there is no such setting. */
  readonly effort: (config: Config) => string | null
  /** The address that it asks; null: it asks nobody, and what it would do for is left out. */
  readonly address: (config: Config) => string | null
  readonly price: (config: Config) => Price
  /**
   * One request, never tried again in here. Throws `upstream.unavailable` (with `retryAfterMilliseconds` where the
   * provider said so) for what may go better later, and `upstream.rejected` for what never will: a wrong key, a bad
   * request. Refusals and answers that were cut off are replies. Where an HTTP status refused the request, the fault's
   * `cause` has it as `status`: that is not paid.
   */
  readonly ask: (question: Question, config: Config, tools: Tools) => Promise<Reply>
}
