// How far back a rule looks: for so long it goes on firing after what it measures is over.
import type { AlertingRule } from './api.ts'

const unitSeconds: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
}

/** A rule's answer moves with its evaluations: two of them after the window has passed it is clear. */
const evaluations = 2

/**
 * Seconds; 0 where the rule looks at one moment. Subqueries look back over the windows inside them, so they add up.
 * What is no duration counts as none: then nothing is waited for.
 */
export function windowSeconds({ query, keepFiringFor, intervalMilliseconds }: AlertingRule): number {
  const ranges = [...withoutStrings(query).matchAll(/\[([0-9a-z]+)(:?)[^\]]*\]/g)]
  const lengths = (nested: boolean): readonly number[] =>
    ranges.filter(([, , colon]) => (colon === ':') === nested).map(([, duration]) => seconds(duration ?? ''))
  const looksBack = Math.max(0, ...lengths(false)) + lengths(true).reduce((sum, one) => sum + one, 0) + keepFiringFor
  return looksBack === 0 ? 0 : looksBack + (evaluations * intervalMilliseconds) / 1_000
}

/** A label's value may look like a window. */
function withoutStrings(query: string): string {
  return query.replaceAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g, '')
}

/** Prometheus' own way of writing durations, as `1h30m`. */
function seconds(duration: string): number {
  const parts = [...duration.matchAll(/(\d+)(ms|[smhdwy])/g)]
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitSeconds[unit ?? ''] ?? 0), 0)
}
