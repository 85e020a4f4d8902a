// What an alert's own rule says, asked of the Prometheus that has it. What can't be told is `unknown`, which never
// counts as recovered.
import { z } from 'zod'
import type { Labels } from '../../../domain/alert.ts'
import type { HistoryQuestion } from '../../../domain/history.ts'
import type { RuleAnswer, RuleState } from '../../../domain/run.ts'
import { SecretReference } from '../../../runtime/config.ts'
import { authorizationOf } from '../../../runtime/credentials.ts'
import type { MetricQuestion, Metrics, RuleQuestion, Tools } from '../../metrics.ts'
import { agrees } from './agrees.ts'
import { type AlertingRule, type Place, type Prometheus, prometheusAt } from './api.ts'
import { ruleHistory } from './history.ts'
import { windowSeconds } from './window.ts'

const Config = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }),
    /** A token, as Prometheus' proxies ask for it. */
    bearer: SecretReference.optional(),
    /** Prometheus' own `basic_auth_users`. */
    basic: z.strictObject({ username: z.string().min(1), password: SecretReference }).optional(),
    /** PEM of the authority that signed its certificate; without it, whom Node trusts. */
    ca: SecretReference.optional(),
  })
  .refine(({ bearer, basic }) => bearer === undefined || basic === undefined, 'at most one of `bearer` and `basic`')
  .refine(({ url, ca }) => ca === undefined || url.startsWith('https:'), '`ca` is for an address with https')
type Config = z.infer<typeof Config>

async function ruleState(question: RuleQuestion, config: Config, { secret, signal }: Tools): Promise<RuleAnswer> {
  try {
    const prometheus = prometheusAt(placeOf(config, secret), signal)
    const { rules, aheadMilliseconds } = await prometheus.rulesNamed(question.alert)
    if (rules.length === 0) return at('none')
    const since = Date.parse(question.since) + aheadMilliseconds
    const states = await Promise.all(rules.map((rule) => stateOf(prometheus, rule, question.labels, since)))
    const window = Math.max(...rules.map((rule) => windowSeconds(rule)))
    if (states.includes('firing')) return at('firing', window)
    if (states.includes('unknown')) return at('unknown', window)
    return at((await exporterLives(prometheus, question.labels, since)) ? 'clear' : 'unknown', window)
  } catch {
    // Unreachable, too slow, or an answer that is not Prometheus': all of it means that nobody can tell.
    return at('unknown')
  }
}

function at(state: RuleState, window = 0): RuleAnswer {
  return { state, windowSeconds: window }
}

/**
 * `clear` when this alert was not active at the rule's last two evaluations, both after `since`: neither by the rule's
 * own query nor by what Prometheus wrote down then, which has the labels as the rule rendered them.
 */
async function stateOf(prometheus: Prometheus, rule: AlertingRule, labels: Labels, since: number): Promise<RuleState> {
  if (rule.alerts.some((alert) => agrees(alert.labels, labels, new Set()))) return 'firing'
  const evaluations = [rule.lastEvaluation - rule.intervalMilliseconds, rule.lastEvaluation]
  if (rule.health !== 'ok' || evaluations.some((at) => !(at > since))) return 'unknown'
  const written = `ALERTS{alertname=${JSON.stringify(rule.name)}}`
  const queries = [rule.query, written].flatMap((query) => evaluations.map((at) => prometheus.query(query, at)))
  const ignored = new Set(['__name__', 'alertstate', ...fixedLabels(rule)])
  return (await Promise.all(queries)).flat().some((series) => agrees(series.labels, labels, ignored))
    ? 'firing'
    : 'clear'
}

/** Labels that the rule writes over those of a series, whatever they were. */
function fixedLabels({ labels }: AlertingRule): readonly string[] {
  return Object.entries(labels).flatMap(([name, value]) => (value.includes('{{') ? [] : [name]))
}

/**
 * With a dead exporter every query is empty, so the alert's target must be up, sampled after `since`. An alert that
 * names no target has none to ask.
 */
async function exporterLives(prometheus: Prometheus, labels: Labels, since: number): Promise<boolean> {
  const matchers = ['job', 'instance'].flatMap((name) => {
    const value = labels[name]
    return value === undefined ? [] : [`${name}=${JSON.stringify(value)}`]
  })
  if (matchers.length === 0) return false
  const up = `up{${matchers.join(',')}}`
  const [values, times] = await Promise.all([prometheus.query(up, null), prometheus.query(`timestamp(${up})`, null)])
  const isUp = values.length > 0 && values.every(({ value }) => value === 1)
  return isUp && times.length === values.length && times.every(({ value }) => value * 1_000 > since)
}

function placeOf({ url, ca, ...access }: Config, secret: Tools['secret']): Place {
  return { url, access: { authorization: authorizationOf(access, secret), ca: ca === undefined ? null : secret(ca) } }
}

async function history(question: HistoryQuestion, config: Config, { secret, signal }: Tools) {
  try {
    return await ruleHistory(prometheusAt(placeOf(config, secret), signal), question)
  } catch {
    return null
  }
}

function series({ query, at }: MetricQuestion, config: Config, { secret, signal }: Tools) {
  return prometheusAt(placeOf(config, secret), signal).query(query, at)
}

export default { config: Config, ruleState, ruleHistory: history, series } satisfies Metrics<Config>
