// How an alert's expression moved, asked of the metrics that its source names. A page never waits long for it.
import type { HistoryQuestion, RuleHistory } from '../domain/history.ts'
import type { LoadedMetrics } from '../integrations/load.ts'
import type { Config } from '../runtime/config.ts'

export type History = (source: string, question: HistoryQuestion) => Promise<RuleHistory | null>

/** A page is drawn without its chart after this, milliseconds. */
const longestWait = 1_200

/** Null for a source without metrics, and whenever the answer does not come in time. */
export function historyFrom(config: Config, metrics: ReadonlyMap<string, LoadedMetrics>): History {
  return async (source, question) => {
    const store = metrics.get(config.sources[source]?.metrics ?? '')
    return store === undefined ? null : store.ruleHistory(question, AbortSignal.timeout(longestWait))
  }
}
