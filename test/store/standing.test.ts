// Where a story stands when its workflow begins.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readStanding } from '../../store/incident.ts'
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
