import { expect, test } from 'vitest'
import { watched } from '../../domain/history.ts'

test.each([
  ['probe_success{job="blackbox"} == 0', 'probe_success{job="blackbox"}', '==', 0],
  ['up{job="node", x="a > 1"} == 0', 'up{job="node", x="a > 1"}', '==', 0],
  ['100 * a / b < 10 and readonly == 0', '100 * a / b', '<', 10],
  [
    '1 - sum by (i) (rate(c{m="idle"}[2m])) / sum by (i) (rate(c[2m])) > 0.9',
    '1 - sum by (i) (rate(c{m="idle"}[2m])) / sum by (i) (rate(c[2m]))',
    '>',
    0.9,
  ],
  ['increase(oom[1m]) >= bool 1e3', 'increase(oom[1m])', '>=', 1000],
])('of %s only what is compared is drawn', (query, expression, op, value) => {
  expect(watched(query)).toEqual({ expression, threshold: { op, value } })
})

test.each(['absent(up)', 'a > b', '(a > 1)', "x{l='\\' > 1'}"])('%s has no threshold of its own', (query) => {
  expect(watched(query)).toEqual({ expression: query, threshold: null })
})
