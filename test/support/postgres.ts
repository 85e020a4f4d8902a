// A migrated database of its own for each test file, on the run's one real server.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import { inject } from 'vitest'
import { connectStore, type Store } from '../../store/connect.ts'
import { templateDatabase } from './postgres-server.ts'

export type TestStore = { readonly store: Store; readonly url: string; readonly end: () => Promise<void> }

/** `const { store, url, end } = await testStore()` in `beforeAll`; `end` in `afterAll`. */
export async function testStore(): Promise<TestStore> {
  const server = inject('postgresUrl')
  const name = `t_${randomUUID().replaceAll('-', '')}`
  // Copies of one template wait for each other: the lock keeps PostgreSQL from refusing the second.
  await asAdmin(server, [
    `select pg_advisory_lock(1)`,
    `create database ${name} template ${templateDatabase}`,
    `select pg_advisory_unlock(1)`,
  ])
  const url = server.replace('/postgres?', `/${name}?`)
  const store = connectStore(url)
  const end = async () => {
    await store.destroy()
    await asAdmin(server, [`drop database ${name} with (force)`])
  }
  return { store, url, end }
}

/** Every value of every column, whatever its type, as text, by `table.column`. */
export async function textsOfStore(store: Store): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await sql<{ table: string; column: string }>`
    select c.table_name as table, c.column_name as column from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where table_schema = 'public' and t.table_type = 'BASE TABLE'`.execute(store)
  const found = rows.map(async ({ table, column }) => {
    const values = await sql<{ text: string }>`
      select ${sql.ref(column)}::text as text from ${sql.table(table)} where ${sql.ref(column)} is not null`.execute(
      store,
    )
    return [`${table}.${column}`, values.rows.map(({ text }) => text)] as const
  })
  return new Map(await Promise.all(found))
}

async function asAdmin(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
