// A host that is not to be touched: who says so, what it keeps from happening, and who ends it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRecord } from '../../activities/record.ts'
import type { TimelineEntry } from '../../domain/timeline.ts'
import { newId } from '../../runtime/ids.ts'
import { redactText } from '../../runtime/redaction.ts'
import { takeLease } from '../../store/lease.ts'
import { measureForPolicy } from '../../store/plan.ts'
import { readQuarantine } from '../../store/quarantine.ts'
import { type Browser, approver, browserOf, seen, viewer } from '../support/pages.ts'
import { logInAs } from '../support/people.ts'
import { testGateway } from '../support/gateway.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { awaiting } from '../support/scenarios.ts'
import { seedIncident, seedPlan, seedRun } from '../support/seed.ts'

let db: TestStore
let app: Awaited<ReturnType<typeof testGateway>>
let page: Browser
beforeAll(async () => {
  db = await testStore()
  app = await testGateway(db.store)
  page = await browserOf(db.store, approver)
})
afterAll(() => db.end())

async function post(path: string, body: unknown, person = approver) {
  const token = await logInAs(db.store, person)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  return (await app.request(`http://127.0.0.1:8321/api/v1${path}`, init)).status
}

const audit = () =>
  db.store
    .selectFrom('audit_event')
    .select(['actor', 'act'])
    .where('subject', '=', 'host:web-01')
    .orderBy('seq')
    .execute()

describe('a person', () => {
  test('takes a host out of reach, and nothing is leased or allowed there', async () => {
    const incident = await seedIncident(db.store, { openedAt: new Date() })
    const run = await seedRun(db.store, incident, await seedPlan(db.store, incident), {
      after: 0,
      state: 'planned',
      outcome: null,
    })
    expect(await post('/hosts/web-01/quarantine', { says: 'its disk makes noises' })).toBe(200)
    expect(await readQuarantine(db.store, 'web-01')).toMatchObject({ by: 'robin', because: 'its disk makes noises' })
    const now = new Date()
    const request = { run, host: 'web-01', planDigest: 'x', decision: null, now, until: now }
    expect(await takeLease(db.store, request)).toMatchObject({ kind: 'refused', code: 'policy.forbidden' })
    const asked = { host: 'web-01', environment: 'lab', playbook: { id: 'p', conflicts: [] } }
    expect(await measureForPolicy(db.store, asked)).toMatchObject({ quarantined: true })
  })

  test('sees why on the page of the hosts, with the way to release it', async () => {
    const text = await page.get('/hosts')
    expect(seen(text)).toMatch(/Quarantined by robin, .* ago ?: its disk makes noises/)
    expect(text).toContain('/api/v1/hosts/web-01/release')
  })

  test('does not overwrite the first reason', async () => {
    expect(await post('/hosts/web-01/quarantine', { says: 'another' })).toBe(409)
    expect(await readQuarantine(db.store, 'web-01')).toMatchObject({ because: 'its disk makes noises' })
  })

  test('must say why, and must not be a viewer', async () => {
    expect(await post('/hosts/web-01/release', {})).toBe(400)
    expect(await post('/hosts/web-01/release', { says: 'fine' }, viewer)).toBe(403)
    expect(await post('/hosts/nowhere/release', { says: 'fine' })).toBe(404)
  })

  test('releases it, and both stand in the audit', async () => {
    expect(await post('/hosts/web-01/release', { says: 'disk replaced' })).toBe(200)
    expect(await readQuarantine(db.store, 'web-01')).toBeNull()
    expect(await post('/hosts/web-01/release', { says: 'again' })).toBe(409)
    expect(await audit()).toEqual([
      { actor: 'person:robin', act: 'host.quarantined' },
      { actor: 'person:sam', act: 'release.refused' },
      { actor: 'person:robin', act: 'host.released' },
    ])
  })
})

describe('a run', () => {
  const cases: readonly (readonly [string, Partial<Extract<TimelineEntry, { kind: 'run-ended' }>>, RegExp | null])[] = [
    ['that stays unknown', { outcome: { kind: 'unknown', says: 'the link was cut' } }, /not known: the link was cut/],
    [
      'that was to undo and failed',
      { undo: true, outcome: { kind: 'failed', says: 'no space', task: null, changed: 1 } },
      /The undo of INC-\d+ failed halfway: no space/,
    ],
    ['that failed', { outcome: { kind: 'failed', says: 'no', task: null, changed: 1 } }, null],
    ['that was refused', { undo: true, outcome: { kind: 'refused', says: 'late', code: 'conflict.expired' } }, null],
    ['that succeeded', { outcome: { kind: 'succeeded', tasks: 1, changed: 1 } }, null],
  ]

  test.each(cases)('%s', async (_name, part, because) => {
    const host = newId('run')
    const incident = await seedIncident(db.store, { openedAt: new Date(), host, state: 'remediating' })
    const { id } = incident
    const plan = await seedPlan(db.store, incident, { kind: part.undo === true ? 'undo' : 'remediate' })
    const run = await seedRun(db.store, incident, plan, { after: 0, state: 'started', outcome: null })
    const record = createRecord({ store: db.store, notifiers: [], url: 'https://ops.test', redact: redactText })
    const failed = { kind: 'failed', says: '', task: null, changed: 0 } as const
    const entry = { kind: 'run-ended', run, undo: false, outcome: failed, ...part } as const
    await record({ incident: id, sequence: 1, state: 'investigating', entry })
    await record({ incident: id, sequence: 1, state: 'investigating', entry })
    const found = await readQuarantine(db.store, host)
    if (because === null) expect(found).toBeNull()
    else expect(found).toMatchObject({ by: 'millwright', because: expect.stringMatching(because) })
  })
})

test('on the approval, the incident and its hand-over it stands first that nothing runs, and how to end it', async () => {
  const { number } = await awaiting(db.store, new Date())
  await post('/hosts/web-02/quarantine', { says: 'hands off' })
  const asked = await page.get(`/incidents/${number}/approve`)
  expect(seen(asked)).toContain('You can’t approve this: the host is in quarantine. hands off')
  expect(asked).not.toContain('value="approve"')
  expect(seen(await page.get(`/incidents/${number}`))).toContain('Its host is in quarantine, by robin')
  expect(seen(await page.get(`/incidents/${number}/hand-over`))).toContain(
    'npx millwright host release web-02 --reason',
  )
})

test('who pastes a secret or what no eye sees into a reason has it taken out', async () => {
  await post('/hosts/web-02/release', { says: 'looked at' })
  const says = 'looked with \u001b[31mDB_PASSWORD=Hunt3rTwo\u0000 psql'
  expect(await post('/hosts/web-02/quarantine', { says })).toBe(200)
  expect(await readQuarantine(db.store, 'web-02')).toMatchObject({
    because: 'looked with DB_PASSWORD=[redacted:secret] psql',
  })
})
