// The alert's own expression over time, for people who look at an incident.
import type { Labels } from '../../../domain/alert.ts'
import { type HistoryQuestion, type RuleHistory, watched } from '../../../domain/history.ts'
import { agrees } from './agrees.ts'
import type { Prometheus } from './api.ts'

/** As many points as the picture has room for. */
const pointsWanted = 240

/** Null when there is no such rule, or no series that belongs to the alert. */
export async function ruleHistory(prometheus: Prometheus, question: HistoryQuestion): Promise<RuleHistory | null> {
  const { rules, aheadMilliseconds } = await prometheus.rulesNamed(question.alert)
  const [rule] = rules
  if (rule === undefined) return null
  const part = watched(rule.query)
  const from = Date.parse(question.from) + aheadMilliseconds
  const to = Date.parse(question.to) + aheadMilliseconds
  if (!(to > from)) return null
  const step = Math.max(1_000, Math.ceil((to - from) / pointsWanted / 1_000) * 1_000)
  const all = await prometheus.queryRange(part.expression, { from, to, step })
  const own = all.find((series) => belongs(series.labels, question.labels))
  if (own === undefined || own.points.length < 2) return null
  return { ...part, points: own.points.map(([at, value]) => [at - aheadMilliseconds, value] as const) }
}

function belongs(series: Labels, alert: Labels): boolean {
  return agrees(series, alert, new Set(['__name__']))
}
