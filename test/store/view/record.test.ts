// What became of runs, as playbooks show it: how many were verified, were wrong, or are still open.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { RunOutcome } from '../../../domain/run.ts'
import type { TimelineEntry } from '../../../domain/timeline.ts'
import { lastRun, recordOf, runRecords } from '../../../store/view/record.ts'
import { testStore, type TestStore } from '../../support/postgres.ts'
import { seedIncident, seedPlan, seedRun, seedStory } from '../../support/seed.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())
beforeEach(async () => {
  await db.store.deleteFrom('run').execute()
})

const succeeded: RunOutcome = { kind: 'succeeded', changed: 1, tasks: 2 }
const failed = (changed: number): RunOutcome => ({ kind: 'failed', says: 'it broke', task: null, changed })
const unknown: RunOutcome = { kind: 'unknown', says: 'cut' }

const measured = { checks: [], rule: 'clear' } as const
const recovered: TimelineEntry = { kind: 'recovered', soakSeconds: 60, ...measured }
const verified: TimelineEntry = { kind: 'verified', heldSeconds: 60, ...measured }
const notRecovered: TimelineEntry = { kind: 'not-recovered', ...measured }
const handedOver: TimelineEntry = { kind: 'handed-over', reason: 'unknown', says: 'nobody can tell' }

type Shown = { readonly counted: object; readonly word: string }
const shown = (word: string, counted: object = {}): Shown => ({ word, counted })

const cases: readonly (readonly [string, RunOutcome, readonly TimelineEntry[], Shown])[] = [
  ['that is being watched', succeeded, [], shown('Not verified', { open: 1 })],
  ['that has recovered and is being watched', succeeded, [recovered], shown('Not verified', { open: 1 })],
  ['that was verified', succeeded, [recovered, verified], shown('Verified', { verified: 1 })],
  ['that did not help', succeeded, [notRecovered, handedOver], shown('Not recovered', { wrong: 1 })],
  ['of which nobody can tell whether it helped', succeeded, [recovered, handedOver], shown('Not verified')],
  ['that failed after it changed something', failed(1), [handedOver], shown('Repair failed', { wrong: 1 })],
  ['that failed before it changed anything', failed(0), [handedOver], shown('Repair failed')],
  ['of which nobody knows what it did', unknown, [handedOver], shown('Outcome unknown')],
]

test.each(cases)('a run %s', async (_, outcome, after, { counted, word }) => {
  const incident = await seedIncident(db.store, { openedAt: new Date(Date.now() - 60_000) })
  const plan = await seedPlan(db.store, incident)
  const run = await seedRun(db.store, incident, plan, { after: 1_000, state: outcome.kind, outcome })
  const entries: readonly TimelineEntry[] = [{ kind: 'run-ended', run, outcome, undo: false }, ...after]
  await seedStory(
    db.store,
    incident,
    entries.map((entry, at) => [5_000 + at, entry]),
  )

  const runs = await runRecords(db.store, { now: new Date(), team: null })

  expect(recordOf(runs)).toEqual({ runs: 1, verified: 0, wrong: 0, open: 0, ...counted })
  expect(runs.map((one) => lastRun(one).badge.word)).toEqual([word])
})
