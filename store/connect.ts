// The store: PostgreSQL everywhere. One pool per process; SQL text and values never mix.
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Database } from './schema.ts'

export type Store = Kysely<Database>

/** How many connections a process may hold. */
export const poolSize = 12

/**
 * Opens a pool. `url` is a PostgreSQL connection string; a socket folder goes into it as `?host=/folder`.
 * Nothing is connected yet: the first query does that.
 */
export function connectStore(url: string): Store {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    // The server's own limit does not help when the link to it is half open.
    query_timeout: 12_000,
    application_name: 'millwright',
  })
  // An idle connection that the server closed is not a fault of any query: the pool opens another.
  pool.on('error', () => undefined)
  // One that is in use says so twice: to its query, and here, where nobody listening would end the process.
  pool.on('connect', (client) => void client.on('error', () => undefined))
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
}
