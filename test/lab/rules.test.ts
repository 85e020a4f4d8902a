import { expect, test } from 'vitest'
import { divideDurations, labRules } from '../../lab/rules.ts'

test('only the waiting times of a rule are divided', () => {
  const rule = (wait: string) =>
    `    - alert: One\n      expr: rate(a[2m]) > 0 # for: 5m\n      for: ${wait}\n      labels: {}\n`
  expect(divideDurations(rule('2m'), 60)).toBe(rule('2000ms'))
  expect(divideDurations(rule('1h30m'), 60)).toBe(rule('90000ms'))
  expect(divideDurations(rule('0m'), 60)).toBe(rule('0ms'))
  expect(divideDurations(rule('1w'), 7)).toBe(rule('86400000ms'))
})

test('a waiting time that is none is refused', () => {
  expect(() => divideDurations('      for: soon\n', 60)).toThrow('soon')
})

test('every rule file of the lab has alerts', async () => {
  const files = await labRules(60)
  expect(files.length).toBeGreaterThan(0)
  for (const { text } of files) expect(text).toContain('alert:')
})
