import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from 'kysely'
import { readSubjects } from '../../store/incident.ts'
import { migrateStore } from '../../store/migrate.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'

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

describe('a database that an earlier version left comes to this one:', () => {
  const folder = join(import.meta.dirname, '..', '..', 'store', 'migrations')
  const files = readdirSync(folder).sort()
  /** Where files did not land in the order of their numbers: the order in which they did. */
  const early = ['0001-first', '0002-inbox', '0003-people', '0004-outbox', '0005-views', '0010-retention', '0008-hands']
  const first = early.map((name) => `${name}.sql`)
  const later = files.filter((name) => !first.includes(name))
  const landed = [...first, ...later]
  /** What changes tables of a younger file than the views landed after it. */
  const buildsOn: Readonly<Record<string, readonly string[]>> = {
    '0031-lifted.sql': ['0030-investigations.sql'],
    '0032-lift-told.sql': ['0030-investigations.sql'],
    '0033-last-refusal.sql': ['0030-investigations.sql'],
    '0033-settled-attempts.sql': ['0030-investigations.sql'],
    '0036-ledger-checked.sql': ['0030-investigations.sql', '0031-lifted.sql'],
  }
  const views = landed.indexOf('0005-views.sql') + 1
  let old: TestStore
  let whole: string
  beforeAll(async () => {
    old = await testStore()
    whole = await schemaOf()
  })
  afterAll(() => old.end())

  type History = readonly [what: string, has: readonly string[]]
  const histories: readonly History[] = [
    ...landed.slice(views - 1).map((name, at): History => [`all up to ${name}`, landed.slice(0, views + at)]),
    ...[...later.toReversed(), '0008-hands.sql'].map((name): History => [
      `0001 to 0005 and ${name}`,
      [...landed.slice(0, views), ...(buildsOn[name] ?? []), name],
    ]),
    ['nothing', []],
  ]

  test.each(histories)('%s', async (_, has) => {
    await sql`drop schema public cascade`.execute(old.store)
    await sql`create schema public`.execute(old.store)
    const then = mkdtempSync(join(tmpdir(), 'millwright-migrations-'))
    for (const name of has) cpSync(join(folder, name), join(then, name))
    await migrateStore(old.store, then)
    rmSync(then, { recursive: true })

    const missing = await migrateStore(old.store)

    expect(missing).toEqual(files.filter((name) => !has.includes(name)).map((name) => name.replace('.sql', '')))
    expect(await schemaOf()).toEqual(whole)
  })

  test('what alerts are about is read as before', async () => {
    await sql`drop schema public cascade`.execute(old.store)
    await sql`create schema public`.execute(old.store)
    const then = mkdtempSync(join(tmpdir(), 'millwright-migrations-'))
    for (const name of files.filter((one) => one < '0021')) cpSync(join(folder, name), join(then, name))
    await migrateStore(old.store, then)
    rmSync(then, { recursive: true })
    const { id } = await seedIncident(old.store, { openedAt: new Date() })
    const subjects = JSON.stringify([
      { kind: 'mount', mount: 'logs' },
      { kind: 'unit', unit: 'nginx.service' },
    ])
    await old.store.updateTable('alert').set({ subjects }).execute()

    await migrateStore(old.store)

    expect(await readSubjects(old.store, id)).toEqual([
      { kind: 'mount', name: 'logs' },
      { kind: 'unit', name: 'nginx.service' },
    ])
  })

  /** Every column, as one text. */
  async function schemaOf(): Promise<string> {
    const { rows } = await sql<{ all: string }>`
      select string_agg(concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default), E'\n'
        order by table_name, column_name) as all
      from information_schema.columns where table_schema = 'public'`.execute(old.store)
    return rows[0]?.all ?? ''
  }
})
