// What the alerts' own rules say: all alerts of an incident as one answer.
import type { RuleAnswer } from '../domain/run.ts'
import type { RuleQuestion } from '../integrations/metrics.ts'
import type { AlertRules } from '../store/alert.ts'

/** Asks the metric store that is configured for a source; `none` when there is none. Never throws. */
export type RuleOf = (source: string, question: RuleQuestion, signal: AbortSignal) => Promise<RuleAnswer>

export type AskRules = (since: Date, signal: AbortSignal) => Promise<RuleAnswer>

/**
 * The answer asks about each of these alerts of an incident. Where there are more than can be asked about, it is never
 * `clear`.
 */
export function rulesOf(ruleOf: RuleOf, { source, rules, complete }: Omit<AlertRules, 'lastHeard'>): AskRules {
  const beyond: readonly RuleAnswer[] = complete ? [] : [{ state: 'unknown', windowSeconds: 0 }]
  return async (since, signal) => {
    const asked = rules.map(({ alert, labels }) =>
      ruleOf(source, { alert, labels, since: since.toISOString() }, signal),
    )
    return together([...(await Promise.all(asked)), ...beyond])
  }
}

/**
 * The worst counts: where one alert has no rule, the clear rule of another does not speak for it. What is not over may
 * lag as long as each of them may.
 */
function together(answers: readonly RuleAnswer[]): RuleAnswer {
  const states = ['firing', 'unknown', 'none', 'clear'] as const
  const state = states.find((one) => answers.some((answer) => answer.state === one)) ?? 'none'
  const open = answers.filter((answer) => answer.state === 'firing' || answer.state === 'unknown')
  return { state, windowSeconds: open.length === 0 ? 0 : Math.min(...open.map((answer) => answer.windowSeconds)) }
}
