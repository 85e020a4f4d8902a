import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'kysely'
import { migrateStore } from '../../store/migrate.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

test('a migrated database has nothing left to do', async () => {
  expect(await migrateStore(db.store)).toEqual([])
})

test('each test file has the tables and a switch that is not set', async () => {
  const row = await db.store.selectFrom('kill_switch').select('stopped').executeTakeFirstOrThrow()
  expect(row.stopped).toBe(false)
})

test('an audit event can be neither changed nor removed', async () => {
  await db.store
    .insertInto('audit_event')
    .values({
      at: new Date(),
      team: 'default',
      environment: 'default',
      actor: 'system:test',
      act: 'test',
      subject: 'nothing',
      digests: '{}',
      detail: '{}',
    })
    .execute()
  await expect(sql`update audit_event set actor = 'x'`.execute(db.store)).rejects.toThrow('append-only')
  await expect(sql`delete from audit_event`.execute(db.store)).rejects.toThrow('append-only')
  await expect(sql`truncate audit_event`.execute(db.store)).rejects.toThrow('append-only')
})

test('the server writes to disk before it answers and listens on no port', async () => {
  const fsync = await sql<{ fsync: string }>`show fsync`.execute(db.store)
  expect(fsync.rows[0]?.fsync).toBe('on')
  const addresses = await sql<{ listen_addresses: string }>`show listen_addresses`.execute(db.store)
  expect(addresses.rows[0]?.listen_addresses).toBe('')
})
