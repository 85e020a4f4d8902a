// Stores of logs: one folder each in `integrations/logs/`. They are asked by named queries of the config only.
import type { z } from 'zod'

export type LogQuestion = {
  /** A query of the config, with names of the inventory in it. */
  readonly query: string
  /** ISO 8601. */
  readonly from: string
  readonly to: string
  /** Lines at most; the newest are answered. */
  readonly limit: number
}

export type Tools = {
  /** Resolves a `file:` or `env:` reference of the config; throws when it can't. */
  readonly secret: (reference: string) => string
  readonly signal: AbortSignal
}

/** `at`: ISO 8601. */
export type LogLine = { readonly at: string; readonly text: string }

export type LogStore<Config = unknown> = {
  readonly config: z.ZodType<Config>
  /** The oldest first. Throws what keeps it from answering. */
  readonly lines: (question: LogQuestion, config: Config, tools: Tools) => Promise<readonly LogLine[]>
}
