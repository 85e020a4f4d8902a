// Where a story stands when its workflow begins.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readStanding, readTroubled } from '../../store/incident.ts'
import { openRunsOf } from '../../store/open-run.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident, seedPlan, seedRun } from '../support/seed.ts'
import { seedEntry } from '../support/seed-entry.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

test('a run that is unknown is known to each workflow, until it is settled or the incident is opened again', async () => {
  const incident = await seedIncident(db.store, { openedAt: new Date() })
  const plan = await seedPlan(db.store, incident)
  const outcome = { kind: 'unknown', says: 'cut' } as const
  const run = await seedRun(db.store, incident, plan, { after: 0, state: 'unknown', outcome })
  const unknown = async () => (await readStanding(db.store, incident.id)).unknown
  expect(await unknown()).toEqual([])

  await seedEntry(db.store, incident.id, 'investigating', { kind: 'run-ended', run, outcome, undo: false })
  expect(await unknown()).toEqual([run])
  await db.store.updateTable('run').set({ state: 'succeeded' }).where('id', '=', run).execute()
  expect(await unknown()).toEqual([])
  await db.store.updateTable('run').set({ state: 'unknown' }).where('id', '=', run).execute()
  await seedEntry(db.store, incident.id, 'open', { kind: 'reopened' })
  expect(await unknown()).toEqual([])
})

test('a run that ended is open until the timeline says so, but for one that never began', async () => {
  const incident = await seedIncident(db.store, { openedAt: new Date() })
  const outcome = { kind: 'unknown', says: 'cut' } as const
  const seeded = async (state: 'unknown' | 'succeeded' | 'failed' | 'refused' | 'started') => {
    const plan = await seedPlan(db.store, incident)
    return seedRun(db.store, incident, plan, { after: 0, state, outcome: state === 'started' ? null : outcome })
  }
  const open = async () => new Set((await openRunsOf(db.store, incident.id)).map(({ run }) => run))
  await seeded('refused')
  const unknown = await seeded('unknown')
  const others = [await seeded('succeeded'), await seeded('failed'), await seeded('started')]
  expect(await open()).toEqual(new Set([unknown, ...others]))

  await seedEntry(db.store, incident.id, 'investigating', { kind: 'run-ended', run: unknown, outcome, undo: false })
  expect(await open()).toEqual(new Set(others))
})

test('an undo that failed is known to each workflow, until the incident is opened again', async () => {
  const incident = await seedIncident(db.store, { openedAt: new Date() })
  const failed = { kind: 'run-ended', run: 'r', outcome: { kind: 'failed', says: '', task: null, changed: 0 } } as const
  const undoFailed = async () => (await readStanding(db.store, incident.id)).undoFailed
  await seedEntry(db.store, incident.id, 'investigating', { ...failed, undo: false })
  expect(await undoFailed()).toBe(false)
  await seedEntry(db.store, incident.id, 'investigating', { ...failed, undo: true })
  expect(await undoFailed()).toBe(true)
  await seedEntry(db.store, incident.id, 'open', { kind: 'reopened' })
  expect(await undoFailed()).toBe(false)
})

test('a host has troubles while an incident of it is open, also with a person', async () => {
  const openedAt = new Date()
  await seedIncident(db.store, { openedAt, host: 'web-07', state: 'handed-over' })
  await seedIncident(db.store, { openedAt, host: 'web-08', state: 'closed', closedAt: openedAt })
  const troubled = await readTroubled(db.store)
  expect(troubled.has('web-07')).toBe(true)
  expect(troubled.has('web-08')).toBe(false)
})
