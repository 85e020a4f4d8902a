// A database that fails for a moment, when what it was told of was paid already: the real one, its own ways to fail.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AskedModel } from '../../../activities/mind/exchange.ts'
import { Failure } from '../../../domain/failure.ts'
import { connectStore, type Store } from '../../../store/connect.ts'
import { readExchanges } from '../../../store/investigation.ts'
import { begunIn, mindIn, paperModel, reply } from '../../support/paper-model.ts'
import { testStore, type TestStore } from '../../support/postgres.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
  // So many of the next changes in the ledger end their own connection, as an administrator or a switch-over would.
  await sql`create sequence blow minvalue -100`.execute(db.store)
  await sql`create function blow() returns trigger language plpgsql as
    $$ begin
      if nextval('blow') <= 0 then perform pg_terminate_backend(pg_backend_pid()); end if;
      return new;
    end $$`.execute(db.store)
  await sql`create trigger blow before update of settled on model_call
    for each row execute function blow()`.execute(db.store)
})
beforeEach(() => blows(0))
afterAll(() => db.end())

const blows = (next: number) => sql`select setval('blow', ${-next}, true)`.execute(db.store)

type OfTurn = Awaited<ReturnType<typeof begunIn>>

async function ledgerOf({ incident }: OfTurn) {
  return db.store
    .selectFrom('model_call')
    .select(['state', 'attempts', 'tokens', 'dollars'])
    .where('incident', '=', incident)
    .execute()
}

async function answerOf({ incident, investigation: number, turn }: OfTurn) {
  return (await readExchanges(db.store, { incident, number, turn }))[0]?.answer ?? null
}

const once = [{ state: 'answered', attempts: 1, tokens: '120', dollars: '0.00020000' }]

function pauses() {
  const taken: number[] = []
  const pause = (milliseconds: number): Promise<void> => {
    taken.push(milliseconds)
    return Promise.resolve()
  }
  return { taken, pause }
}

describe('an answer that was paid', () => {
  test('is kept where the database ends its connection twice while it is written down', async () => {
    const { model, asked } = paperModel(() => Promise.resolve(reply))
    const first = await begunIn(db.store)
    await blows(2)
    expect(await mindIn(db.store, model).askModel(first)).toEqual({ kind: 'answered' })
    expect(asked).toHaveLength(1)
    expect([await ledgerOf(first), await answerOf(first)]).toMatchObject([once, { text: 'It is down.' }])
  })

  test('is counted once where it is written down and nobody hears that it was', async () => {
    const link = await breakingLink(db.url)
    try {
      const { model, asked } = paperModel(() => {
        link.breakAtCommits(2)
        return Promise.resolve(reply)
      })
      const first = await begunIn(db.store)
      expect(await mindIn(link.store, model).askModel(first)).toEqual({ kind: 'answered' })
      expect([asked.length, link.broken()]).toEqual([1, 2])
      expect([await ledgerOf(first), await answerOf(first)]).toMatchObject([once, { text: 'It is down.' }])
    } finally {
      await link.end()
    }
  })

  test('is tried to be kept for half a minute and not for ever, with its worst case left in the ledger', async () => {
    const { model } = paperModel(() => Promise.resolve(reply))
    const { taken, pause } = pauses()
    const first = await begunIn(db.store)
    await blows(50)
    await expect(mindIn(db.store, model, { pause }).askModel(first)).rejects.toThrow()
    const waited = taken.reduce((sum, milliseconds) => sum + milliseconds, 0)
    expect([taken.length > 5, waited > 20_000, waited < 40_000]).toEqual([true, true, true])
    const [row] = await ledgerOf(first)
    expect(row).toMatchObject({ state: 'reserved' })
    expect(Number(row?.dollars)).toBeGreaterThan(0.04)
  })

  test('is not waited for where its workflow gives up', async () => {
    const giveUp = new AbortController()
    const { model } = paperModel(() => {
      giveUp.abort()
      return Promise.resolve(reply)
    })
    const first = await begunIn(db.store)
    await blows(50)
    await expect(mindIn(db.store, model, { cancelled: () => giveUp.signal }).askModel(first)).rejects.toThrow()
    const { rows } = await sql<{ at: string }>`select last_value as at from blow`.execute(db.store)
    expect(rows).toEqual([{ at: '-49' }])
  })
})

describe('what a model refused, where that can not be written down', () => {
  const asked = async (model: AskedModel) => {
    const first = await begunIn(db.store)
    await blows(50)
    return mindIn(db.store, model, { pause: pauses().pause }).askModel(first)
  }

  test('is told as it was, and comes again when its provider wants it', async () => {
    const refusal = new Failure({
      code: 'upstream.unavailable',
      message: 'It answered 529.',
      retryAfterMilliseconds: 2_000,
    })
    await expect(asked(paperModel(() => Promise.reject(refusal)).model)).rejects.toMatchObject({
      code: 'upstream.unavailable',
      message: 'It answered 529. What it cost could not be written down.',
      retryAfterMilliseconds: 2_000,
      cause: refusal,
    })
  })

  test('is final where it was', async () => {
    const refusal = new Failure({ code: 'upstream.rejected', message: 'The key is not taken.' })
    expect(await asked(paperModel(() => Promise.reject(refusal)).model)).toEqual({
      kind: 'failed',
      says: 'The key is not taken. What it cost could not be written down.',
    })
  })

  test('is the same error where it is none of ours', async () => {
    const error = new Error('It broke.')
    await expect(asked(paperModel(() => Promise.reject(error)).model)).rejects.toBe(error)
  })
})

/** A way to the database that is cut when it answers a commit: it is done, and whoever waits for it never hears. */
async function breakingLink(url: string) {
  const socket = decodeURIComponent(/[?&]host=([^&]+)/.exec(url)?.[1] ?? '')
  let cuts = 0
  let broken = 0
  const open = new Set<Socket>()
  const server: Server = createServer((near) => {
    const far = connect(`${socket}/.s.PGSQL.5432`)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('error', () => undefined)
      one.on('close', () => other.destroy())
    }
    near.on('data', (chunk) => far.write(chunk))
    far.on('data', (chunk) => {
      if (broken < cuts && chunk.includes('COMMIT\0')) {
        broken += 1
        near.destroy()
      } else {
        near.write(chunk)
      }
    })
  })
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const store: Store = connectStore(url.replace(/@\//, `@127.0.0.1:${port}/`).replace(/\?.*/, ''))
  return {
    store,
    broken: () => broken,
    breakAtCommits: (times: number): void => void (cuts = times),
    end: async (): Promise<void> => {
      await store.destroy()
      for (const one of open) one.destroy()
      await new Promise((closed) => void server.close(closed))
    },
  }
}
