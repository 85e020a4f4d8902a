// What recording costs must not grow with what was recorded before: a storm would slow down its own recording.
import { sql, type Transaction } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createInbox } from '../../store/inbox.ts'
import { readBefore } from '../../store/inbox-read.ts'
import type { Database } from '../../store/schema.ts'
import { incoming as payload, incomingAlert as alert, newGroup } from '../support/incoming.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

/** Of one source, in the last minute: more than the look-ups of one batch. */
const recordedBefore = 1_500
const batchSize = 40

let db: TestStore
beforeAll(async () => {
  db = await testStore()
  const inbox = createInbox(db.store)
  await Promise.all(
    Array.from({ length: recordedBefore }, (_, at) => inbox.record(payload(newGroup(), [alert(`host-${at}`)]))),
  )
})
afterAll(() => db.end())

test('what a batch belongs to is looked up one by one, however much one source has sent just now', async () => {
  const batch = Array.from({ length: batchSize }, (_, at) => payload(newGroup(), [alert(`new-${at}`)]))
  const now = new Date()
  const looked = await db.store.transaction().execute(async (tx) => {
    const before = await rowsRead(tx)
    await readBefore(tx, batch, now)
    return (await rowsRead(tx)) - before
  })
  expect(looked).toBeLessThan(batchSize)
})

/** By this session, of the tables that are looked into. */
async function rowsRead(tx: Transaction<Database>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::integer as count from pg_stat_xact_user_tables
    where relname in ('incident', 'delivery')`.execute(tx)
  return rows[0]?.count ?? Number.NaN
}
