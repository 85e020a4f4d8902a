// How long something of these spans was under way.
import type { ReceivedSpan } from '../../test/support/span-collector.ts'

/** Milliseconds since 1970. */
export type Stretch = { readonly from: number; readonly to: number }

/** Milliseconds; what went on beside another counts once. */
export function covered(spans: readonly ReceivedSpan[], { from, to }: Stretch): number {
  const times = spans
    .map(({ startTimeUnixNano, endTimeUnixNano }) => [Number(startTimeUnixNano) / 1e6, Number(endTimeUnixNano) / 1e6])
    .map(([began = 0, ended = 0]) => [Math.max(began, from), Math.min(ended, to)])
    .toSorted(([a = 0], [b = 0]) => a - b)
  let until = from
  return times.reduce((sum, [began = 0, ended = 0]) => {
    const more = Math.max(0, ended - Math.max(began, until))
    until = Math.max(until, ended)
    return sum + more
  }, 0)
}
