import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../runtime/digest.ts'
import { connectStore } from '../../store/connect.ts'
import { createInbox, type Inbox } from '../../store/inbox.ts'
import { incoming as payload, incomingAlert as alert, newGroup, over } from '../support/incoming.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
let inbox: Inbox
beforeAll(async () => {
  db = await testStore()
  inbox = createInbox(db.store)
})
afterAll(() => db.end())

const incident = (id: string | undefined) =>
  db.store
    .selectFrom('incident')
    .selectAll()
    .where('id', '=', id ?? '')
    .executeTakeFirstOrThrow()
const dispatches = (id: string | undefined) =>
  db.store
    .selectFrom('dispatch')
    .select('kind')
    .where('incident', '=', id ?? '')
    .orderBy('id')
    .execute()
const close = (id: string | undefined, at: Date) =>
  db.store
    .updateTable('incident')
    .set({ state: 'closed', closed_reason: 'recovered', closed_at: at, sequence: 4 })
    .where('id', '=', id ?? '')
    .execute()

describe('identity', () => {
  test('a first firing opens an incident with its timeline, its dispatch and its audit event', async () => {
    const answer = await inbox.record(payload(newGroup(), [alert('web-01')]))
    expect(answer.result).toBe('opened')
    const [opened] = answer.incidents
    const row = await incident(opened?.id)
    expect(row).toMatchObject({ host: 'web-01', state: 'open', title: 'ServiceDown on web-01', severity: 'critical' })
    expect(row).toMatchObject({ environment: 'lab', sequence: 0, storm: false, source_status: 'firing' })
    expect(Number(row.number)).toBe(opened?.number)
    expect(await dispatches(opened?.id)).toEqual([{ kind: 'start' }])
    const entries = await db.store.selectFrom('timeline').selectAll().where('incident', '=', row.id).execute()
    expect(entries).toMatchObject([{ sequence: 0, state: 'open', entry: { kind: 'alerted', alerts: ['ServiceDown'] } }])
    const audit = await db.store.selectFrom('audit_event').selectAll().where('subject', '=', row.id).execute()
    expect(audit).toMatchObject([{ actor: 'source:am', act: 'incident.opened' }])
  })

  test('a group over three hosts is three incidents of one group, and every alert of the payload is kept', async () => {
    const group = newGroup()
    const two = [alert('a-1'), alert('a-1', { labels: { alertname: 'Other' } }), alert('a-2'), alert('a-3')]
    const answer = await inbox.record(payload(group, two))
    expect(answer.incidents).toHaveLength(3)
    const rows = await Promise.all(answer.incidents.map(({ id }) => incident(id)))
    expect(new Set(rows.map((row) => row.group_id)).size).toBe(1)
    const alerts = await db.store
      .selectFrom('alert')
      .select('incident')
      .where('delivery', '=', answer.delivery)
      .execute()
    expect(alerts).toHaveLength(4)
  })

  test('alerts that match nothing of the inventory are one unresolved incident', async () => {
    const answer = await inbox.record(payload(newGroup(), [alert(null), alert(null, { fingerprint: 'f'.repeat(16) })]))
    expect(answer.incidents).toHaveLength(1)
    expect(await incident(answer.incidents[0]?.id)).toMatchObject({
      host: null,
      title: 'ServiceDown on an unknown host',
    })
  })

  test('the same group key of another source is another incident', async () => {
    const group = newGroup()
    const first = await inbox.record(payload(group, [alert('b-1')]))
    const second = await inbox.record(payload(group, [alert('b-1')], { source: 'am-other' }))
    expect(second.result).toBe('opened')
    expect(second.incidents[0]?.id).not.toBe(first.incidents[0]?.id)
  })
})

describe('repeats', () => {
  test('a repeat only moves when it was last seen', async () => {
    const group = newGroup()
    const first = await inbox.record(payload(group, [alert('c-1')]))
    const later = new Date(Date.now() + 5_000)
    const again = await inbox.record(payload(group, [alert('c-1')], { receivedAt: later }))
    expect(again.result).toBe('merged')
    expect(again.incidents[0]?.id).toBe(first.incidents[0]?.id)
    expect((await incident(first.incidents[0]?.id)).last_seen_at).toEqual(later)
    expect(await dispatches(first.incidents[0]?.id)).toEqual([{ kind: 'start' }])
    const rows = await db.store
      .selectFrom('alert')
      .select('id')
      .where('incident', '=', first.incidents[0]?.id ?? '')
      .execute()
    expect(rows).toHaveLength(1)
  })

  test('another alert of the same host is told to the workflow', async () => {
    const group = newGroup()
    const first = await inbox.record(payload(group, [alert('c-2')]))
    await inbox.record(payload(group, [alert('c-2'), alert('c-2', { labels: { alertname: 'Second' } })]))
    expect(await dispatches(first.incidents[0]?.id)).toEqual([{ kind: 'start' }, { kind: 'changed' }])
  })

  test('the same bytes again are the same delivery', async () => {
    const one = payload(newGroup(), [alert('c-3')])
    const first = await inbox.record(one)
    const second = await inbox.record(one)
    expect(second.delivery).toBe(first.delivery)
    expect(second).toMatchObject({ result: 'merged', says: 'The same delivery came before.' })
  })

  test('a hundred of the same at once through two gateways are one incident and one delivery', async () => {
    const other = connectStore(db.url)
    const second = createInbox(other)
    const one = payload(newGroup(), [alert('c-4'), alert('c-5')])
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? inbox : second).record(one)),
    )
    await other.destroy()
    expect(new Set(answers.flatMap(({ incidents }) => incidents.map(({ id }) => id))).size).toBe(2)
    expect(new Set(answers.map(({ delivery }) => delivery)).size).toBe(1)
    expect(answers.filter(({ result }) => result === 'opened')).toHaveLength(1)
  })
})

describe('resolving', () => {
  test('what ends without having begun is ignored', async () => {
    const answer = await inbox.record(payload(newGroup(), [over(alert('d-1'))]))
    expect(answer).toMatchObject({ result: 'ignored', incidents: [] })
  })

  test('the source says resolved when every alert of the incident is', async () => {
    const group = newGroup()
    const second = alert('d-2', { labels: { alertname: 'Second' } })
    const { incidents } = await inbox.record(payload(group, [alert('d-2'), second]))
    await inbox.record(payload(group, [alert('d-2'), over(second)]))
    expect((await incident(incidents[0]?.id)).source_status).toBe('firing')
    await inbox.record(payload(group, [over(alert('d-2')), over(second)]))
    expect((await incident(incidents[0]?.id)).source_status).toBe('resolved')
    expect((await dispatches(incidents[0]?.id)).map(({ kind }) => kind)).toEqual(['start', 'changed', 'changed'])
  })

  test('an alert from the future neither outlives the episodes after it nor goes unmentioned', async () => {
    const group = newGroup()
    const soon = (seconds: number) => new Date(Date.now() + seconds * 1_000)
    const future = alert('d-9', { startsAt: '2099-01-01T00:00:00Z' })
    const first = await inbox.record(payload(group, [future]))
    const now = alert('d-9', { startsAt: soon(10).toISOString() })
    await inbox.record(payload(group, [now], { receivedAt: soon(11) }))
    await inbox.record(payload(group, [over(now)], { receivedAt: soon(20) }))

    expect((await incident(first.incidents[0]?.id)).source_status).toBe('resolved')
    expect(first.says).toMatch(/1 of its alerts will begin up to \d+ days ahead of our clock/)
  })

  test('an alert that began before our records did is said to', async () => {
    const old = alert('d-10', { startsAt: '1970-01-02T00:00:00Z' })
    const { says, delivery } = await inbox.record(payload(newGroup(), [old]))
    const row = await db.store
      .selectFrom('delivery')
      .select('says')
      .where('id', '=', delivery)
      .executeTakeFirstOrThrow()

    expect(says).toMatch(/1 of its alerts began up to \d+ days ago/)
    expect(row.says).toBe(says)
  })

  test('a late resolve of an earlier episode does not end a newer one', async () => {
    const group = newGroup()
    const { incidents } = await inbox.record(payload(group, [alert('d-3')]))
    await inbox.record(payload(group, [alert('d-3', { startsAt: '2026-11-21T11:00:00Z' })]))
    await inbox.record(payload(group, [over(alert('d-3'))]))
    expect((await incident(incidents[0]?.id)).source_status).toBe('firing')
  })

  test('an alert that fires on after its source gave it up fires again', async () => {
    const group = newGroup()
    const { incidents } = await inbox.record(payload(group, [alert('d-4')]))
    await inbox.record(payload(group, [over(alert('d-4'))]))
    await inbox.record(payload(group, [alert('d-4')], { bodyDigest: sha256('again') }))
    expect((await incident(incidents[0]?.id)).source_status).toBe('firing')
  })
})

describe('closing', () => {
  test('firing soon after closing opens the same incident again', async () => {
    const group = newGroup()
    const { incidents } = await inbox.record(payload(group, [alert('e-1')]))
    await close(incidents[0]?.id, new Date(Date.now() - 29 * 60_000))
    const answer = await inbox.record(payload(group, [alert('e-1')]))
    expect(answer).toMatchObject({ result: 'reopened', incidents: [{ id: incidents[0]?.id }] })
    const row = await incident(incidents[0]?.id)
    expect(row).toMatchObject({ state: 'open', closed_at: null, closed_reason: null, sequence: 5 })
    expect(await dispatches(row.id)).toEqual([{ kind: 'start' }, { kind: 'start' }])
    const entries = await db.store
      .selectFrom('timeline')
      .select('entry')
      .where('incident', '=', row.id)
      .where('sequence', '=', 5)
      .execute()
    expect(entries).toEqual([{ entry: { kind: 'reopened' } }])
  })

  test('firing long after closing is a new incident', async () => {
    const group = newGroup()
    const { incidents } = await inbox.record(payload(group, [alert('e-2')]))
    await close(incidents[0]?.id, new Date(Date.now() - 31 * 60_000))
    const answer = await inbox.record(payload(group, [alert('e-2')]))
    expect(answer.result).toBe('opened')
    expect(answer.incidents[0]?.id).not.toBe(incidents[0]?.id)
  })

  test('a resolve after closing is kept with the incident and starts nothing', async () => {
    const group = newGroup()
    const { incidents } = await inbox.record(payload(group, [alert('e-3')]))
    await close(incidents[0]?.id, new Date())
    const answer = await inbox.record(payload(group, [over(alert('e-3'))]))
    expect(answer.result).toBe('merged')
    expect(await incident(incidents[0]?.id)).toMatchObject({ state: 'closed', source_status: 'resolved' })
    expect(await dispatches(incidents[0]?.id)).toEqual([{ kind: 'start' }])
  })
})

describe('storms', () => {
  const hosts = (count: number, prefix: string) => Array.from({ length: count }, (_, at) => alert(`${prefix}-${at}`))

  test('five new incidents of a group are five, six are one storm', async () => {
    expect((await inbox.record(payload(newGroup(), hosts(5, 'f')))).incidents).toHaveLength(5)
    const storm = await inbox.record(payload(newGroup(), hosts(6, 'g')))
    expect(storm.incidents).toHaveLength(1)
    expect(await incident(storm.incidents[0]?.id)).toMatchObject({
      storm: true,
      host: null,
      title: 'ServiceDown: a storm over 6 hosts',
    })
  })

  test('while a storm is open, new hosts of its group join it', async () => {
    const group = newGroup()
    const { incidents } = await inbox.record(payload(group, hosts(4, 'h')))
    const storm = await inbox.record(payload(group, hosts(8, 'h')))
    expect(storm.incidents.map(({ result }) => result).sort()).toEqual([
      'merged',
      'merged',
      'merged',
      'merged',
      'opened',
    ])
    const more = await inbox.record(payload(group, hosts(9, 'h')))
    const ids = new Set(more.incidents.map(({ id }) => id))
    expect(more.result).toBe('merged')
    expect(ids.size).toBe(5)
    expect(incidents.every(({ id }) => ids.has(id))).toBe(true)
  })

  test('five thousand alerts of one group are one storm', async () => {
    const answer = await inbox.record(payload(newGroup(), hosts(5_000, 'i')))
    expect(answer.incidents).toHaveLength(1)
    const { count } = await db.store
      .selectFrom('alert')
      .select((eb) => eb.fn.countAll<string>().as('count'))
      .where('incident', '=', answer.incidents[0]?.id ?? '')
      .executeTakeFirstOrThrow()
    expect(count).toBe('5000')
  })
})

test('text that the database can not hold is stored with what can', async () => {
  const odd = alert('j-1', { labels: { alertname: 'A\0B', note: '\ud800' } })
  const { incidents } = await inbox.record(payload(newGroup(), [odd]))
  const row = await db.store
    .selectFrom('alert')
    .select('labels')
    .where('incident', '=', incidents[0]?.id ?? '')
    .executeTakeFirstOrThrow()
  expect(row.labels).toMatchObject({ alertname: 'A\uFFFDB', note: '\uFFFD' })
})
