import { pino } from 'pino'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startOutbox } from '../../gateway/outbox.ts'
import { loadNotifiers } from '../../integrations/load.ts'
import type { Notification } from '../../integrations/notifier.ts'
import { Config } from '../../runtime/config.ts'
import type { WorkLoop } from '../../runtime/work-loop.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { seedIncident } from '../support/seed.ts'

let db: TestStore
let receiver: Receiver
let outbox: WorkLoop
let incident = ''
beforeAll(async () => {
  db = await testStore()
  receiver = await startReceiver()
})
afterAll(async () => {
  await receiver.end()
  await db.end()
})
beforeEach(async () => {
  receiver.received.length = 0
  incident = (await seedIncident(db.store, { openedAt: new Date() })).id
  const config = Config.parse({ notifiers: { people: { use: 'alertmanager', url: receiver.url } } })
  const deps = { store: db.store, secret: () => '', now: () => new Date(), log: pino({ level: 'silent' }) }
  outbox = startOutbox({ ...deps, notifiers: await loadNotifiers(config) })
})
afterEach(() => outbox.stop())

async function put(kind: Notification['kind'], notifier = 'people'): Promise<string> {
  const body: Notification = {
    key: `${incident}/${kind}/${notifier}`,
    kind,
    team: 'default',
    environment: 'lab',
    labels: {},
    at: new Date().toISOString(),
    incident: { id: incident, number: 1, title: 'x', severity: null },
    summary: `${kind} ${incident}`,
    url: 'http://127.0.0.1:8321/incidents/1',
  }
  const now = new Date()
  const row = { notifier, key: body.key, incident, body: JSON.stringify(body), created_at: now, next_at: now }
  const { id } = await db.store.insertInto('outbox').values(row).returning('id').executeTakeFirstOrThrow()
  outbox.wake()
  return id
}

const rowOf = (id: string) => db.store.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const until = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 60_000, interval: 20 })

test('a call for help is sent, and again until the incident is handled', async () => {
  const id = await put('needs-you')
  await until(async () => expect((await rowOf(id)).sent_at).not.toBeNull())
  expect((await rowOf(id)).again_at).not.toBeNull()
  await sql`update outbox set again_at = now() where id = ${id}`.execute(db.store)
  outbox.wake()
  await until(() => expect(receiver.received).toHaveLength(2))
  const handled = await put('handled')
  await until(async () => expect((await rowOf(handled)).sent_at).not.toBeNull())
  await sql`update outbox set again_at = now() where id = ${id} and again_at is not null`.execute(db.store)
  outbox.wake()
  await until(async () => expect((await rowOf(id)).again_at).toBeNull())
  expect(receiver.received).toHaveLength(3)
})

test('a notice leaves the reminder as it was', async () => {
  const id = await put('needs-you')
  await until(async () => expect((await rowOf(id)).sent_at).not.toBeNull())
  const notice = await put('notice')
  await until(async () => expect((await rowOf(notice)).sent_at).not.toBeNull())
  await sql`update outbox set again_at = now() where id = ${id}`.execute(db.store)
  outbox.wake()
  await until(() => expect(receiver.received).toHaveLength(3))
  expect((await rowOf(id)).again_at).not.toBeNull()
})

/** Fails until `answers` is emptied: a second try may be over before anybody saw the first. */
const failing = () => receiver.answers.push(...Array.from({ length: 100 }, () => 503))

test('what fails for now is tried again', async () => {
  failing()
  const id = await put('needs-you')
  await until(async () => expect((await rowOf(id)).error).toContain('503'))
  receiver.answers.length = 0
  await sql`update outbox set next_at = now() where id = ${id}`.execute(db.store)
  outbox.wake()
  await until(async () => expect((await rowOf(id)).sent_at).not.toBeNull())
})

test('what fails for good is given up, with what was answered', async () => {
  receiver.answers.push(400)
  const id = await put('needs-you')
  await until(async () => expect((await rowOf(id)).given_up_at).not.toBeNull())
  expect((await rowOf(id)).error).toContain('400')
})

test('a notifier that the config no longer has is said, not waited for', async () => {
  const id = await put('needs-you', 'gone')
  await until(async () => expect((await rowOf(id)).error).toContain('no notifier gone'))
})

test('a call that could not be made is not made after it was handled', async () => {
  failing()
  const id = await put('needs-you')
  await until(async () => expect((await rowOf(id)).error).toContain('503'))
  const handled = await put('handled')
  await until(async () => expect((await rowOf(id)).given_up_at).not.toBeNull())
  receiver.answers.length = 0
  await sql`update outbox set next_at = now() where id = ${handled}`.execute(db.store)
  outbox.wake()
  await until(async () => expect((await rowOf(handled)).sent_at).not.toBeNull())
  expect(await rowOf(id)).toMatchObject({ sent_at: null, error: 'handled before it could be told' })
})
