import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { approver, type Browser, browserOf } from '../support/pages.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { awaiting, handedOver, repaired } from '../support/scenarios.ts'

let db: TestStore
let browser: Browser
const now = new Date()
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000)

beforeAll(async () => {
  db = await testStore()
  await repaired(db.store, ago(60 * 26))
  await handedOver(db.store, ago(3))
  await awaiting(db.store, now)
  browser = await browserOf(db.store, approver, { now: () => now })
})
afterAll(() => db.end())

async function read(path: string, status = 200): Promise<unknown> {
  const response = await browser.request(`/api/v1${path}`, { headers: { accept: 'application/json' } })
  expect(response.status).toBe(status)
  return response.json()
}

test('status says whether it acts, on what, and what waits', async () => {
  expect(await read('/status')).toMatchObject({
    acting: true,
    stopped: null,
    environments: ['lab'],
    sources: 1,
    hosts: 2,
    playbooks: { known: 1, usable: 1 },
    incidents: { needsYou: 2, inProgress: 0 },
    dispatch: { waiting: 0, oldest: null, error: null },
    outbox: { waiting: 0, givenUp: 0, error: null },
  })
})

test('incidents are listed by state, and closed ones of every day when they are asked for', async () => {
  expect(await read('/incidents')).toMatchObject({ headline: '2 incidents need you', closed: [] })
  expect(await read('/incidents?state=handed-over')).toMatchObject({
    needsYou: [{ number: 2 }],
    inProgress: [],
    closed: [],
  })
  const closed = await read('/incidents?state=closed')
  expect(closed).toMatchObject({ headline: '2 incidents need you', needsYou: [], closed: [{ number: 1 }] })
  expect(await read('/incidents?state=happy', 400)).toMatchObject({
    code: 'input.usage',
    message: 'There is no state happy.',
    hint: expect.stringMatching(/^Use one of: open(?!.*\bopen\b), .*closed\.$/),
  })
})

test('an incident, its question and its hand-over pack are each one object', async () => {
  expect(await read('/incidents/INC-1')).toMatchObject({ number: 1, state: 'closed', runs: [{ state: 'succeeded' }] })
  expect(await read('/incidents/3/approval')).toMatchObject({
    kind: 'pending',
    attempt: { number: 1, of: 2 },
    hosts: 2,
  })
  expect(await read('/incidents/2/hand-over')).toMatchObject({ notSeen: [{ what: 'certificate front' }], tried: [] })
  expect(await read('/incidents/77', 404)).toMatchObject({ code: 'input.not-found' })
})

test('one answer of a probe is text, under its incident alone', async () => {
  const seen = z.looseObject({ evidence: z.array(z.looseObject({ id: z.string() })) }).parse(await read('/incidents/1'))
  const id = seen.evidence[0]?.id ?? ''
  const answer = await browser.request(`/api/v1/incidents/1/evidence/${id}`, { headers: { accept: '*/*' } })
  expect(await answer.text()).toContain(`evidence ${id}`)
  await read(`/incidents/3/evidence/${'0'.repeat(64)}`, 404)
})

test('the hand-over pack is Markdown unless JSON is asked for', async () => {
  const response = await browser.request('/api/v1/incidents/2/hand-over', { headers: { accept: 'text/markdown' } })
  expect(response.headers.get('content-type')).toBe('text/markdown; charset=utf-8')
  expect(await response.text()).toMatch(/^# INC-2: HighErrorRate on web-01\n[^]*## Ruled out\n\n- `config-restore`/)
})

test('what an alert says becomes no link, no mention and no tag where the Markdown is pasted', async () => {
  const summary =
    'see https://evil.example/fix or www.evil.example, ask @ops and #12, ~~not~~ me@evil.example &lt;b&gt;'
  await db.store
    .updateTable('alert')
    .set({ annotations: JSON.stringify({ summary }) })
    .execute()
  const response = await browser.request('/api/v1/incidents/2/hand-over', { headers: { accept: 'text/markdown' } })
  const text = await response.text()
  expect(text).toContain(String.raw`see https\://evil.example/fix or www\.evil.example, ask \@ops and \#12`)
  expect(text).toContain(String.raw`\~\~not\~\~ me\@evil.example \&lt;b\&gt;`)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('cache-control')).toBe('no-store')
})

test('playbooks, hosts, sources and deliveries are lists', async () => {
  expect(await read('/playbooks')).toMatchObject([
    { id: 'service-restart', record: { runs: 1, verified: 1, wrong: 0 } },
  ])
  expect(await read('/hosts')).toMatchObject([
    { id: 'web-01', openIncidents: [{ number: 2, needsYou: true }] },
    { id: 'web-02' },
  ])
  expect(await read('/sources')).toMatchObject([
    { name: 'alertmanager', url: 'http://127.0.0.1:8321/hooks/v1/alertmanager' },
  ])
  const deliveries = await read('/deliveries?source=alertmanager')
  expect(deliveries).toHaveLength(3)
  expect(deliveries).toContainEqual(
    expect.objectContaining({
      alerts: [expect.objectContaining({ labels: expect.objectContaining({ instance: 'web-01:80' }) })],
    }),
  )
  expect(await read('/deliveries?source=other')).toEqual([])
})
