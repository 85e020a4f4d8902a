import type { Labels } from '../../../domain/alert.ts'

/**
 * Every label that both have is the same. An alert may have more or fewer than its series, from the sender's
 * relabelling: what can't be compared counts as the same, so that in doubt it fires.
 */
export function agrees(series: Labels, alert: Labels, ignored: ReadonlySet<string>): boolean {
  return Object.entries(series).every(([name, value]) => ignored.has(name) || (alert[name] ?? value) === value)
}
