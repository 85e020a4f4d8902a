// A person's decision on its way from the form to a real workflow: a row first, and void when it could not be
// delivered.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../runtime/ids.ts'
import { decisionsOn } from '../../store/decision.ts'
import type { Person } from '../../domain/person.ts'
import { setSwitch } from '../../store/switch.ts'
import { incidentWorkflowId } from '../../workflows/messages.ts'
import { gatewayDeps, testGateway } from '../support/gateway.ts'
import { theatre, type Played, type Theatre } from '../support/play.ts'
import { logInAs } from '../support/people.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
let stage: Theatre
let app: Awaited<ReturnType<typeof testGateway>>
beforeAll(async () => {
  ;[db, stage] = await Promise.all([testStore(), theatre()])
  app = await testGateway(db.store, { temporal: async () => stage.temporal.client })
})
afterAll(() => Promise.all([db.end(), stage.end()]))

const ann: Person = { name: 'ann', role: 'approver', team: 'default' }
const bob: Person = { name: 'bob', role: 'approver', team: 'default' }
const owned = { team: 'default', environment: 'lab' }

/** What the real `record` would have written of this incident by the time that people are asked. */
async function store(incident: string, digest: string): Promise<void> {
  const now = new Date()
  const times = { opened_at: now, updated_at: now, last_seen_at: now }
  const group = { source: 'lab', group_key: incident, group_id: `grp_${incident}`, identity: incident, host: 'web-01' }
  const state = {
    title: 'Down on web-01',
    severity: null,
    state: 'awaiting-approval',
    source_status: 'firing',
  } as const
  const none = { reason: null, closed_reason: null, traceparent: null }
  await db.store
    .insertInto('incident')
    .values({ id: incident, ...owned, ...group, ...state, ...none, ...times })
    .execute()
  const plan = { host: 'web-01', playbook: 'service-restart', attempt: 1, kind: 'remediate' as const, identity: 'x' }
  const until = new Date(now.getTime() + 900_000)
  await db.store
    .insertInto('plan')
    .values({ id: newId('plan'), incident, ...owned, ...plan, digest, body: '{}', created_at: now, expires_at: until })
    .execute()
}

let played: Played
let digest = ''
beforeEach(async () => {
  played = await stage.begin({ policy: () => 'ask' })
  digest = (await played.until('asked')).digest
  await store(played.incident, digest)
})

type Form = { readonly id?: string; readonly verdict?: string; readonly reason?: string }

async function decide(
  person: Person,
  { id = newId('dec'), verdict = 'approve', reason = 'it is fine' }: Form = {},
  at = digest,
  by = app,
) {
  const token = await logInAs(db.store, person)
  const response = await by.request(`http://127.0.0.1:8321/api/v1/plans/${encodeURIComponent(at)}/decisions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id, verdict, reason }),
  })
  const answer: unknown = await response.json()
  return { status: response.status, answer }
}

const rows = () => decisionsOn(db.store, digest)
const refusals = async () =>
  (
    await db.store.selectFrom('audit_event').select(['act', 'actor']).where('subject', '=', played.incident).execute()
  ).filter(({ act }) => act.endsWith('.refused'))

test('an approval reaches the workflow, and stands in row, audit and story', async () => {
  const { status, answer } = await decide(ann)
  expect(status).toBe(200)
  expect(answer).toMatchObject({ verdict: 'approve', person: 'ann' })
  expect(await played.until('decided')).toMatchObject({ person: 'ann', verdict: 'approve', reason: 'it is fine' })
  expect(await rows()).toMatchObject([{ person: 'ann', role: 'approver', voidAt: null, deliveredAt: expect.any(Date) }])
  const audit = await db.store.selectFrom('audit_event').select('act').where('subject', '=', played.incident).execute()
  expect(audit).toEqual([{ act: 'plan.approve' }])
})

test('the same form twice is one decision', async () => {
  const id = newId('dec')
  const first = await decide(ann, { id })
  const second = await decide(ann, { id })
  expect(second).toEqual(first)
  expect(await rows()).toHaveLength(1)
  expect((await decide(bob, { id })).status).toBe(409)
})

test('the second person is told what the first decided', async () => {
  await decide(ann, { verdict: 'reject' })
  const { status, answer } = await decide(bob)
  expect(status).toBe(409)
  expect(answer).toMatchObject({ message: expect.stringContaining('Recorded: reject by ann') })
  expect((await rows()).map(({ person, voidAt }) => [person, voidAt === null])).toEqual([
    ['ann', true],
    ['bob', false],
  ])
  expect(await refusals()).toEqual([{ act: 'plan.approve.refused', actor: 'person:bob' }])
})

test('of an approval and a rejection at the same instant one counts', async () => {
  const answers = await Promise.all([decide(ann), decide(bob, { verdict: 'reject' })])
  expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409])
  expect((await rows()).filter(({ voidAt }) => voidAt === null)).toHaveLength(1)
})

describe('what is refused before anybody is asked', () => {
  test('a viewer, somebody of another team, an unknown plan', async () => {
    expect((await decide({ ...ann, name: 'vic', role: 'viewer' })).status).toBe(403)
    expect((await decide({ ...ann, name: 'tom', team: 'others' })).status).toBe(404)
    expect((await decide(ann, {}, 'f'.repeat(64))).status).toBe(404)
    expect((await decide(ann, {}, "' or 1=1 --")).status).toBe(404)
    expect(await rows()).toEqual([])
    expect((await refusals()).map(({ actor }) => actor)).toEqual(['person:vic', 'person:tom'])
  })

  test('an approval while everything is stopped; a rejection is still possible', async () => {
    const change = { by: 'ann', team: 'default', says: 'drill', at: new Date() }
    await setSwitch(db.store, { ...change, stopped: true })
    const approval = await decide(ann)
    const rejection = await decide(ann, { verdict: 'reject' })
    await setSwitch(db.store, { ...change, stopped: false })
    expect(approval).toMatchObject({
      status: 409,
      answer: { code: 'stopped', message: expect.stringContaining('drill') },
    })
    expect(rejection.status).toBe(200)
  })

  test.each([{ verdict: 'maybe' }, { id: 'mine' }, { reason: 'x'.repeat(501) }])('%j', async (form) => {
    expect((await decide(ann, form)).status).toBe(400)
    expect(await rows()).toEqual([])
  })
})

describe('asking for more', () => {
  const more = async (person: Person, at: string, by = app) => {
    const token = await logInAs(db.store, person)
    const response = await by.request(`http://127.0.0.1:8321/api/v1/plans/${at}/ask-more`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'is it still so?' }),
    })
    const answer: unknown = await response.json()
    return { status: response.status, answer }
  }

  test('drops the plan, and an approval of it counts no more', async () => {
    expect(await more(ann, encodeURIComponent(digest))).toMatchObject({ status: 200, answer: { person: 'ann' } })
    expect(await played.until('more-asked')).toMatchObject({ person: 'ann', says: 'is it still so?' })
    expect((await more(ann, 'f'.repeat(64))).status).toBe(404)
  })

  test('is for approvers of the team, and what is refused is written down', async () => {
    const at = encodeURIComponent(digest)
    expect((await more({ ...ann, name: 'vic', role: 'viewer' }, at)).status).toBe(403)
    expect((await more({ ...ann, name: 'tom', team: 'others' }, at)).status).toBe(404)
    await decide(bob, { verdict: 'reject' })
    expect((await more(ann, at)).status).toBe(409)
    const acts = (await refusals()).map(({ act, actor }) => `${actor} ${act}`)
    expect(acts).toEqual(['person:vic ask-more.refused', 'person:ann plan.ask-more.refused'])
    expect(played.kinds()).not.toContain('more-asked')
  })

  test('that nobody confirms changes nothing', async () => {
    const alone = await testGateway(db.store, await gatewayDeps(db.store))
    const { status, answer } = await more(ann, encodeURIComponent(digest), alone)
    expect(status).toBe(503)
    expect(answer).toMatchObject({ message: expect.stringContaining('Nothing runs either way') })
  })
})

describe('what can not be delivered', () => {
  test('the workflow server is down: void, and said so', async () => {
    const alone = await testGateway(db.store, await gatewayDeps(db.store))
    const { status, answer } = await decide(ann, {}, digest, alone)
    expect(status).toBe(503)
    expect(answer).toMatchObject({
      code: 'conflict.not-delivered',
      message: expect.stringContaining('nothing will run'),
    })
    expect(await rows()).toMatchObject([{ voidAt: expect.any(Date), deliveredAt: null }])
    expect(played.kinds()).not.toContain('decided')
  })

  test('nobody works: after five seconds it is void, and the form is worth nothing any more', async () => {
    const incident = newId('inc')
    digest = `of ${incident}`
    await store(incident, digest)
    const { client } = stage.temporal
    const handle = await client.workflow.start('incident', {
      workflowId: incidentWorkflowId(incident),
      taskQueue: 'nobody',
      args: [{ version: 1, incident }],
    })
    const id = newId('dec')
    expect((await decide(ann, { id })).status).toBe(503)
    expect((await rows())[0]?.voidAt).toBeInstanceOf(Date)
    expect(await decide(ann, { id })).toMatchObject({ status: 503, answer: { code: 'conflict.not-delivered' } })
    await handle.terminate()
  })

  test('the incident has ended: 409, and void', async () => {
    await played.handle.terminate()
    expect((await decide(ann)).status).toBe(409)
    expect((await rows())[0]?.voidAt).toBeInstanceOf(Date)
  })
})
