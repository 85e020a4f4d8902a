import { expect, test } from 'vitest'
import { plainText, stateBadge } from '../../../domain/telling/words.ts'

test('a sentence is one line of text, its moments in UTC', () => {
  const moment = '2026-11-21T03:22:04.000Z'
  const parts = [
    'At ',
    { at: moment },
    ': ',
    { strong: 'x' },
    ' ',
    { code: 'y' },
    ', ',
    { until: moment, says: '4 s to go' },
  ]
  expect(plainText(parts)).toBe('At 03:22 UTC: x y, 4 s to go')
})

test('what failed, broke off or is unknown is named so, whoever has it', () => {
  const handedOver = (reason: 'failed' | 'broken' | 'unknown' | 'novel') =>
    stateBadge({ state: 'handed-over', reason, closedReason: null, dryRun: false }).word
  expect([handedOver('failed'), handedOver('broken'), handedOver('unknown'), handedOver('novel')]).toEqual([
    'Repair failed',
    'Broken off',
    'Outcome unknown',
    'Handed over',
  ])
})
