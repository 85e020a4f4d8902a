// A database that is away: what is recognised as such, and that nobody waits for it one after another.
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { sql } from 'kysely'
import pg from 'pg'
import { failureCode } from '../../domain/failure.ts'
import { connectStore, type Store } from '../../store/connect.ts'
import { createInbox } from '../../store/inbox.ts'
import { isStoreUnavailable } from '../../store/unavailable.ts'
import { testStore } from '../support/postgres.ts'
import { incoming, incomingAlert, newGroup } from '../support/incoming.ts'

describe('payloads that wait for a database that is away', () => {
  let connections = 0
  let hangingUp: Server
  let store: Store
  beforeAll(async () => {
    hangingUp = createServer((socket) => {
      connections += 1
      socket.on('error', () => undefined)
      socket.destroy()
    })
    await new Promise<void>((listening) => {
      hangingUp.listen(0, '127.0.0.1', listening)
    })
    const address = hangingUp.address()
    const port = typeof address === 'object' ? address?.port : undefined
    store = connectStore(`postgres://nobody@127.0.0.1:${port}/none`)
  })
  afterAll(async () => {
    await store.destroy()
    hangingUp.close()
  })

  test('are all refused when the commits on their way have failed, and not tried one by one', async () => {
    const inbox = createInbox(store)
    const records = Array.from({ length: 200 }, () => inbox.record(incoming(newGroup(), [incomingAlert('web-01')])))
    const settled = await Promise.allSettled(records)
    const codes = settled.map((one) => (one.status === 'rejected' ? failureCode(one.reason) : one.status))
    expect(new Set(codes)).toEqual(new Set(['store.unavailable']))
    expect(connections).toBeLessThan(5)
  })
})

test.each([
  ['gives up a statement', { statement_timeout: 50 }],
  ['does not answer a statement', { query_timeout: 50, statement_timeout: 2_000 }],
])('a database that %s is unavailable', async (_, limits) => {
  const client = new pg.Client({ connectionString: inject('postgresUrl'), ...limits })
  await client.connect()
  try {
    const error: unknown = await client.query('select pg_sleep(60)').catch((fault: unknown) => fault)
    expect(isStoreUnavailable(error)).toBe(true)
  } finally {
    await client.end()
  }
})

test('a connection that the server ends in the midst of a transaction fails that transaction and not the process', async () => {
  const db = await testStore()
  try {
    const ended = db.store.transaction().execute((tx) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx))
    expect(isStoreUnavailable(await ended.catch((fault: unknown) => fault))).toBe(true)
    expect((await sql`select 1 as one`.execute(db.store)).rows).toEqual([{ one: 1 }])
  } finally {
    await db.end()
  }
})
