// Metric stores that hold the alerts' own rules: one folder each in `integrations/metrics/`.
import type { z } from 'zod'
import type { Labels } from '../domain/alert.ts'
import type { HistoryQuestion, RuleHistory } from '../domain/history.ts'
import type { RuleAnswer } from '../domain/run.ts'

export type RuleQuestion = {
  /** The rule's name, from the alert's `alertname`; the rule itself is read from the store, never from the payload. */
  readonly alert: string
  readonly labels: Labels
  /** ISO 8601: only evaluations and samples after this count. */
  readonly since: string
}

/** `query`: of the config, with names of the inventory in it; `at`: milliseconds since 1970. */
export type MetricQuestion = { readonly query: string; readonly at: number }

export type MetricSeries = { readonly labels: Labels; readonly value: number }

export type Tools = {
  /** Resolves a `file:` or `env:` reference of the config; throws when it can't. */
  readonly secret: (reference: string) => string
  readonly signal: AbortSignal
}

export type Metrics<Config = unknown> = {
  readonly config: z.ZodType<Config>
  /**
   * `clear` needs no series with the alert's labels at two evaluations after `since` and a live exporter (`up == 1`
   * sampled after it); anything that can't be told is `unknown`; no rule of that name is `none`. Never throws.
   */
  readonly ruleState: (question: RuleQuestion, config: Config, tools: Tools) => Promise<RuleAnswer>
  /**
   * How the rule's expression moved; null when that can't be told. For pages only: nothing is decided by it. Never
   * throws.
   */
  readonly ruleHistory?: (question: HistoryQuestion, config: Config, tools: Tools) => Promise<RuleHistory | null>
  /** What a query answers at a moment. Throws what keeps it from answering. */
  readonly series?: (question: MetricQuestion, config: Config, tools: Tools) => Promise<readonly MetricSeries[]>
}
