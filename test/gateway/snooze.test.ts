// A reminder put off: people are left in peace for some minutes, and nothing else changes.
import { pino } from 'pino'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startOutbox } from '../../gateway/outbox.ts'
import { loadNotifiers } from '../../integrations/load.ts'
import type { Notification } from '../../integrations/notifier.ts'
import type { WorkLoop } from '../../runtime/work-loop.ts'
import { Config } from '../../runtime/config.ts'
import { approver, type Browser, browserOf, pagesConfig, seen, viewer } from '../support/pages.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { awaiting, repaired } from '../support/scenarios.ts'

let db: TestStore
let receiver: Receiver
let browser: Browser
let outbox: WorkLoop
let config: Config
let asked: Awaited<ReturnType<typeof awaiting>>
beforeAll(async () => {
  db = await testStore()
  receiver = await startReceiver()
  config = Config.parse({ ...pagesConfig, notifiers: { people: { use: 'alertmanager', url: receiver.url } } })
  browser = await browserOf(db.store, approver, { config })
})
afterAll(async () => {
  await receiver.end()
  await db.end()
})
beforeEach(async () => {
  receiver.received.length = 0
  asked = await awaiting(db.store, new Date())
  const deps = { store: db.store, secret: () => '', now: () => new Date(), log: pino({ level: 'silent' }) }
  outbox = startOutbox({ ...deps, notifiers: await loadNotifiers(config) })
})
afterEach(async () => {
  await outbox.stop()
  await sql`delete from outbox`.execute(db.store)
})

/** What `record` writes when people are asked, or when it is over. */
async function tell(kind: Notification['kind']): Promise<void> {
  const at = new Date()
  const body: Notification = {
    key: `${asked.id}/${kind}`,
    kind,
    team: 'default',
    environment: 'lab',
    labels: {},
    at: at.toISOString(),
    incident: { id: asked.id, number: Number(asked.number), title: 'x', severity: null },
    summary: kind,
    url: 'http://127.0.0.1:8321',
  }
  const row = { notifier: 'people', key: body.key, incident: asked.id, body: JSON.stringify(body) }
  await db.store
    .insertInto('outbox')
    .values({ ...row, created_at: at, next_at: at })
    .execute()
  outbox.wake()
}

const rows = () => db.store.selectFrom('outbox').selectAll().where('incident', '=', asked.id).orderBy('id').execute()
const until = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 60_000, interval: 20 })
const ends = () =>
  receiver.received.map(({ body }) => (Date.parse(JSON.parse(body)[0].endsAt) > Date.now() ? 'calls' : 'quiet'))

async function snooze(by: Browser, minutes: string): Promise<Response> {
  const page = await by.get('/people')
  const nonce = /name="nonce" value="([^"]+)"/.exec(page)?.[1] ?? ''
  return by.request(`/api/v1/incidents/${asked.number}/snooze`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://127.0.0.1:8321' },
    body: new URLSearchParams({ nonce, minutes }).toString(),
  })
}

test('it is quiet at once, calls again when the time is over, and the plan expires when it would have', async () => {
  await tell('needs-you')
  await until(() => expect(ends()).toEqual(['calls']))
  const answer = await snooze(browser, '10')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `/incidents/${asked.number}?said=snooze`])
  await until(() => expect(ends()).toEqual(['calls', 'quiet']))
  const later = (await rows()).at(-1)
  expect(later?.next_at.getTime()).toBeGreaterThan(Date.now() + 9 * 60_000)
  await until(async () => {
    const status: unknown = JSON.parse(await browser.get('/api/v1/status'))
    expect(status).toMatchObject({ outbox: { waiting: 0, givenUp: 0 } })
  })
  const plan = await db.store.selectFrom('plan').select('expires_at').where('id', '=', asked.plan).executeTakeFirst()
  expect(plan?.expires_at.getTime()).toBeLessThan(Date.now() + 600_000)
  const audit = await db.store
    .selectFrom('audit_event')
    .select(['act', 'actor', 'detail'])
    .where('subject', '=', asked.id)
    .execute()
  expect(audit).toMatchObject([{ act: 'incident.snooze', actor: 'person:robin', detail: { minutes: 10 } }])

  await sql`update outbox set next_at = now() where id = ${later?.id ?? ''}`.execute(db.store)
  outbox.wake()
  await until(() => expect(ends()).toEqual(['calls', 'quiet', 'calls']))
})

test('a reminder that was put off is not sent after it was decided, and delays nothing', async () => {
  await tell('needs-you')
  await until(() => expect(ends()).toEqual(['calls']))
  await snooze(browser, '30')
  await until(() => expect(ends()).toEqual(['calls', 'quiet']))
  await tell('handled')
  await until(() => expect(ends()).toEqual(['calls', 'quiet', 'quiet']))
  await until(async () =>
    expect((await rows()).map(({ body }) => body.kind)).toEqual(['needs-you', 'snoozed', 'handled']),
  )
})

test('what nobody is reminded of can not be put off, nor by a viewer, nor for hours', async () => {
  expect((await snooze(browser, '10')).status).toBe(400)
  await tell('needs-you')
  expect((await snooze(browser, '600')).status).toBe(400)
  expect((await snooze(await browserOf(db.store, viewer, { config }), '10')).status).toBe(403)
  const done = await repaired(db.store, new Date(Date.now() - 300_000))
  asked = { ...asked, number: done.number }
  expect((await snooze(browser, '10')).status).toBe(409)
})

test('it is put off twelve times at most', async () => {
  await tell('needs-you')
  const statuses: number[] = []
  for (const minutes of Array.from({ length: 13 }, () => '5')) statuses.push((await snooze(browser, minutes)).status)
  expect(statuses).toEqual([...Array.from({ length: 12 }, () => 303), 400])
})

test('two on call see of each other that they look', async () => {
  const kim = await browserOf(db.store, { ...approver, name: 'kim' }, { config })
  expect(seen(await kim.get(`/incidents/${asked.number}/approve`))).not.toContain('looked')
  expect(seen(await browser.get(`/incidents/${asked.number}/approve`))).toContain('kim looked')
  expect(seen(await browser.get(`/incidents/${asked.number}/approve`))).not.toContain('robin looked')
  await sql`update looked set at = now() - interval '11 minutes'`.execute(db.store)
  expect(seen(await kim.get(`/incidents/${asked.number}/approve`))).not.toContain('looked')
})
