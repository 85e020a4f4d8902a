import { expect, test } from 'vitest'
import { factSays } from '../../../domain/telling/seen.ts'

test.each(['newest', 'last', 'now', 'activeSince', 'lastPackageChange', 'newestChange'])(
  'the fact %s, seconds since 1970, is read as a moment',
  (name) => {
    expect(factSays(name, 1_795_264_537)).toBe('2026-11-21 12:35:37 UTC')
  },
)

test.each([
  ['count', 1_795_264_537, '1,795,264,537'],
  ['lastExitCode', 203, '203'],
  ['usedPercent', 94, '94 %'],
  ['freeBytes', 3_100_000_000, '3.1 GB'],
])('%s %d is read as %s', (name, value, says) => {
  expect(factSays(name, value)).toBe(says)
})
