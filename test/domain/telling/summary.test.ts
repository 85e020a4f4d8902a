// How an incident is summed up where another one repairs the same host.
import { expect, test } from 'vitest'
import { type Moment, steps, summary } from '../../../domain/telling/summary.ts'
import type { Diagnosis, Turn } from '../../../domain/diagnosis.ts'
import type { TimelineEntry } from '../../../domain/timeline.ts'
import { plainText, stateBadge } from '../../../domain/telling/words.ts'

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 3, 0, seconds)).toISOString()

function story(...entries: readonly TimelineEntry[]): readonly Moment[] {
  return entries.map((entry, sequence) => ({ sequence, at: at(sequence), entry }))
}

const alerted = { kind: 'alerted', source: 'alertmanager', alerts: ['UnitFailed'], severity: 'critical' } as const
const looked = { kind: 'looked', host: 'web-01', round: 1, evidence: [], failed: 0, milliseconds: 60 } as const
const waits = { kind: 'waits-for', incident: 1, host: 'web-01' } as const
const began = { kind: 'investigation-began', investigation: 1, model: 'm', harness: 'h', bytes: 1, turns: 6 } as const
const turn = (change: Partial<Turn>) => ({
  kind: 'turn' as const,
  investigation: 1,
  turn: 1,
  model: 'm',
  says: '',
  asks: [],
  dropped: [],
  warns: [],
  judged: 'look' as const,
  diagnosis: null,
  cost: { input: 1, cached: 0, output: 1, dollars: 0.06, milliseconds: 1 },
  ...change,
})
const subject = { title: 'UnitFailed on web-01', host: 'web-01', state: 'investigating', reason: null } as const

test('an incident that waits for another one says for which', () => {
  const says = summary({ ...subject, closedReason: null }, story(alerted, looked, waits), at(9))

  expect(plainText(says)).toBe('Waits for INC-1, which is changing web-01.')
})

test('when the other one has repaired it, that is what it says, and nothing of it looks like a failure', () => {
  const says = 'INC-1 repaired it. All checks hold and the alert is clear.'
  const closed = { kind: 'closed', reason: 'repaired-by-another', person: null, says } as const
  const moments = story(alerted, looked, waits, looked, { kind: 'not-recognised', not: [] }, closed)
  const ended = { ...subject, state: 'closed', closedReason: 'repaired-by-another', dryRun: false } as const

  expect(plainText(summary(ended, moments, at(9)))).toBe(says)
  expect(stateBadge(ended)).toEqual({ word: 'Repaired by another', tone: 'good', shape: 'check' })
  expect(steps(ended, moments, at(9)).map(({ word, state }) => `${word}: ${state}`)).toEqual([
    'Received: done',
    'Looked: done',
    'Repaired by another: done',
  ])
})

const nothing = { kind: 'not-recognised', not: [] } as const
const lists = { for: [], against: [], ruledOut: [], gaps: [] }
const diagnosis: Diagnosis = { hypothesis: 'h', confidence: 'likely', ...lists, proposes: { kind: 'person' } }
const [compares, asks] = ['Looked at web-01 with 0 probes; comparing with known faults.', 'Asking m, exchange']

test.each<readonly [string, readonly TimelineEntry[]]>([
  [`${asks} 1 of 6, $0.00 so far.`, [began]],
  ['Looking at what m asked for, exchange 1 of 6, $0.06 so far.', [began, turn({})]],
  [`${asks} 2 of 6, $0.06 so far.`, [began, turn({}), looked]],
  [`${asks} 3 of 6, $0.12 so far.`, [began, turn({}), looked, turn({ turn: 2, judged: 'again' })]],
  [compares, [began, turn({ judged: 'remediate', diagnosis })]],
  [compares, [began, turn({}), looked, nothing]],
])('says %s', (says, entries) => {
  const moments = story(alerted, looked, nothing, ...entries)
  expect(plainText(summary({ ...subject, closedReason: null }, moments, at(9)))).toBe(says)
})
