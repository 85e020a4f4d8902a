// How long a rule may go on firing after what it measures is over, read from the rule itself.
import { expect, test } from 'vitest'
import { windowSeconds } from '../../integrations/metrics/prometheus/window.ts'

const lag = (query: string, keepFiringFor = 0) =>
  windowSeconds({
    name: 'Rule',
    query,
    keepFiringFor,
    health: 'ok',
    labels: {},
    alerts: [],
    intervalMilliseconds: 15_000,
    lastEvaluation: 0,
  })

test.each([
  ['a moment', 'node_systemd_unit_state{state="failed"} > 0', 0],
  ['a minute', 'increase(node_vmstat_oom_kill[1m]) > 0', 60 + 30],
  ['the longer of two', 'rate(a[5m]) / rate(b[1h30m]) > 0.5', 5_400 + 30],
  ['a subquery, and what is inside it', 'max_over_time(rate(a[5m])[1h:1m]) > 1', 3_900 + 30],
  ['what only looks like one, in a label', 'up{name=~"[1m]", path=\'a[5m]\'} == 0', 0],
  ['nothing that is a duration', 'a[what] > 0', 0],
])('%s', (_what, query, expected) => {
  expect(lag(query)).toBe(expected)
})

test('an alert that is kept firing', () => {
  expect(lag('up == 0', 120)).toBe(150)
})
