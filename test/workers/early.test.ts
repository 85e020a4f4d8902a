// The head start: who is connected to before anybody asks, and who is not.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { insertDispatches, type NewDispatch } from '../../store/dispatch.ts'
import { openEarly } from '../../workers/early.ts'
import { deafHost } from '../activities/run-world.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'

let db: TestStore
let opened: string[] = []
let early: ReturnType<typeof openEarly>
beforeAll(async () => {
  db = await testStore()
  const hosts = ['web-01', 'web-02', 'web-03'].map((id) => ({ ...deafHost, id, name: id }))
  early = openEarly({
    store: db.store,
    databaseUrl: db.url,
    inventory: () => ({ digest: 'test', hosts }),
    open: ({ id }) => opened.push(id),
  })
})
afterAll(async () => {
  await early.stop()
  await db.end()
})

async function recorded(host: string | null, kind: NewDispatch['kind'] = 'start'): Promise<void> {
  const { id } = await seedIncident(db.store, { openedAt: new Date(), state: 'open', host })
  await db.store.transaction().execute((tx) => insertDispatches(tx, [{ incident: id, kind }], new Date()))
}

test('only a host of the inventory with a new incident is connected to, as soon as that is recorded', async () => {
  await recorded('web-01')
  await vi.waitFor(() => expect(opened).toContain('web-01'), 60_000)
  await db.store.updateTable('dispatch').set({ done_at: new Date() }).execute()
  opened = []
  await recorded('web-03', 'changed')
  await recorded(null)
  await recorded('stranger')
  await recorded('web-02')
  await vi.waitFor(() => expect(opened).toContain('web-02'), 60_000)
  expect(new Set(opened)).toEqual(new Set(['web-02']))
})
