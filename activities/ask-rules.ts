// What the alerts' own rules say: all alerts of an incident as one answer.
import type { RuleState } from '../domain/run.ts'
import type { IncidentId } from '../domain/ids.ts'
import type { RuleQuestion } from '../integrations/metrics.ts'
import type { Store } from '../store/connect.ts'
import { readAlertRules } from '../store/alert.ts'

/** Asks the metric store that is configured for a source; `none` when there is none. Never throws. */
export type RuleOf = (source: string, question: RuleQuestion, signal: AbortSignal) => Promise<RuleState>

export type RuleDeps = { readonly store: Store; readonly ruleOf: RuleOf }

export type AskRules = (since: Date, signal: AbortSignal) => Promise<RuleState>

/**
 * Reads the incident's alerts once; the answer asks about each of them. `lastHeard`: when a source last said something
 * of them. Where there are more alerts than can be asked about, the answer is never `clear`.
 */
export async function rulesOf(
  { store, ruleOf }: RuleDeps,
  incident: IncidentId,
): Promise<{ readonly ask: AskRules; readonly lastHeard: Date }> {
  const { source, rules, lastHeard, complete } = await readAlertRules(store, incident)
  const beyond: readonly RuleState[] = complete ? [] : ['unknown']
  const ask: AskRules = async (since, signal) => {
    const asked = rules.map((one) => ruleOf(source, { ...one, since: since.toISOString() }, signal))
    return together([...(await Promise.all(asked)), ...beyond])
  }
  return { ask, lastHeard }
}

/** The worst counts: where one alert has no rule, the clear rule of another does not speak for it. */
function together(states: readonly RuleState[]): RuleState {
  for (const state of ['firing', 'unknown', 'none', 'clear'] as const) if (states.includes(state)) return state
  return 'none'
}
