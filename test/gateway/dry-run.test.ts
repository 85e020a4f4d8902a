// A dry run is an incident of its own: no alert of a source joins it, and nothing is counted, told or carried out for
// it.
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Person } from '../../domain/person.ts'
import { newId } from '../../runtime/ids.ts'
import { claimDispatches } from '../../store/dispatch.ts'
import { readTroubled } from '../../store/incident.ts'
import { readLeft } from '../../store/lost.ts'
import { readCounts } from '../../store/tally.ts'
import { alertmanagerPayload, hookRequest, twoHosts } from '../support/gateway.ts'
import { approver, browserOf, origin, seen, viewer } from '../support/pages.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedPlan } from '../support/seed.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const labels = { alertname: 'HostDown', instance: 'web-01', severity: 'critical' }
const delivery = alertmanagerPayload('{}:{alertname="HostDown"}', [{ labels }])
const Begun = z.strictObject({ incident: z.int(), url: z.string() })

async function ask(person: Person, body: unknown): Promise<Response> {
  const { request } = await browserOf(db.store, person)
  const headers = { accept: 'application/json', 'content-type': 'application/json', origin }
  return request('/api/v1/dry-runs', { method: 'POST', headers, body: JSON.stringify(body) })
}

async function begun() {
  const { incident } = Begun.parse(await (await ask(approver, { source: 'alertmanager', delivery })).json())
  return db.store.selectFrom('incident').selectAll().where('number', '=', String(incident)).executeTakeFirstOrThrow()
}

const end = ({ id }: { readonly id: string }) =>
  db.store
    .updateTable('incident')
    .set({ state: 'closed', closed_reason: 'dry-run', closed_at: new Date() })
    .where('id', '=', id)
    .execute()

test('it is begun by whom policy lets, under their name', async () => {
  const refused = await ask(viewer, { source: 'alertmanager', delivery })
  const dry = await begun()
  await end(dry)

  expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'policy.forbidden' }])
  expect(dry).toMatchObject({ dry_run: true, state: 'open', host: 'web-01', source: 'alertmanager' })
  const events = await db.store
    .selectFrom('audit_event')
    .select(['actor', 'act', 'subject'])
    .where('act', '<>', 'session.opened')
    .orderBy('seq')
    .execute()
  expect(events).toEqual([
    { actor: 'person:sam', act: 'dry-run.refused', subject: 'source:alertmanager' },
    { actor: 'person:robin', act: 'incident.dry-run', subject: dry.id },
  ])
})

test('the same alert from its source opens an incident of its own, before and after', async () => {
  const before = await begun()
  const { request } = await browserOf(db.store, approver)
  const send = async () => {
    const response = await request('/hooks/v1/alertmanager', hookRequest(delivery))
    return z.looseObject({ result: z.string(), incident_id: z.string() }).parse(await response.json())
  }
  const real = await send()
  const after = await begun()
  const again = await send()
  await Promise.all([before, after].map(end))

  expect([real.result, again]).toMatchObject(['opened', { result: 'merged', incident_id: real.incident_id }])
  const ids = new Set([before.id, real.incident_id, after.id])
  expect(ids.size).toBe(3)
  expect(new Set([before.identity, after.identity]).size).toBe(2)
  expect(new Set([before.group_id, after.group_id]).size).toBe(2)
  const results = await db.store.selectFrom('delivery').select(['result', 'says']).orderBy('id').execute()
  expect(results.filter(({ result }) => result === 'test').map(({ says }) => says)).toContain('A dry run of robin.')
  const own = await sql<{ alerts: string }>`select count(*) as alerts from alert a join delivery d on d.id = a.delivery
    where a.incident = ${real.incident_id} and d.result = 'test'`.execute(db.store)
  expect(own.rows).toEqual([{ alerts: '0' }])
})

test('no run, and no state in which one is asked for, can be written for it', async () => {
  const dry = await begun()
  const plan = await seedPlan(db.store, { ...dry, openedAt: dry.opened_at }, {})
  const run = sql`insert into run (id, incident, plan, plan_digest, team, environment, host, playbook, state, created_at,
    deadline) values (${newId('run')}, ${dry.id}, ${plan.id}, 'd', 't', 'e', 'web-01', 'p', 'planned', now(), now())`
  await expect(run.execute(db.store)).rejects.toThrow('of a dry run nothing is carried out')
  for (const state of ['awaiting-approval', 'remediating', 'verifying', 'handed-over'] as const) {
    const move = db.store.updateTable('incident').set({ state }).where('id', '=', dry.id)
    await expect(move.execute()).rejects.toThrow('dry_run_never_acts')
  }
  const real = sql`update incident set dry_run = false where id = ${dry.id}`
  await expect(real.execute(db.store)).rejects.toThrow('it stays one')
  await end(dry)
})

test('its workflow is the one that carries nothing out, also when it is taken up again', async () => {
  const dry = await begun()
  const claimed = await claimDispatches(db.store)
  await db.store.updateTable('dispatch').set({ done_at: new Date() }).where('incident', '=', dry.id).execute()

  expect(claimed.find(({ incident }) => incident === dry.id)).toMatchObject({ kind: 'start', dryRun: true })
  expect(await readLeft(db.store, dry.id)).toMatchObject({ dryRun: true })
  await end(dry)
})

test('it is counted nowhere, keeps no host from being a healthy sibling, and is listed as what it is', async () => {
  const { request, get } = await browserOf(db.store, approver)
  const figures = async () => ({
    counts: (await readCounts(db.store)).filter(({ metric }) => metric !== 'deliveries'),
    troubled: [...(await readTroubled(db.store))],
    list: z
      .looseObject({ counters: z.unknown(), headline: z.string(), says: z.string() })
      .transform(({ counters, headline, says }) => ({ counters, headline, says }))
      .parse(await (await request('/api/v1/incidents')).json()),
    status: z.looseObject({ incidents: z.unknown() }).parse(await (await request('/api/v1/status')).json()).incidents,
  })
  const before = await figures()
  const dry = await begun()
  const during = await figures()
  const page = seen(await get(`/incidents/${dry.number}`))
  await end(dry)

  expect(during).toEqual(before)
  expect(await figures()).toEqual(before)
  expect(page).toContain('Dry run: nothing will be carried out.')
  expect(seen(await get('/'))).toContain('Dry run')
  expect(await db.store.selectFrom('outbox').selectAll().execute()).toEqual([])
})

describe('what is refused', () => {
  const two = alertmanagerPayload(
    'g',
    twoHosts.map(({ name }) => ({ labels: { ...labels, instance: name } })),
  )
  test.each<readonly [string, object, number, string]>([
    ['a source that is not there', { source: 'none', delivery }, 404, 'no source of this name'],
    ['what is no alert', { source: 'alertmanager', delivery: { version: '4' } }, 400, ''],
    ['several hosts', { source: 'alertmanager', delivery: two }, 400, 'web-01, web-02'],
    ['a field more', { source: 'alertmanager', delivery, act: true }, 400, ''],
    [
      'what is over',
      { source: 'alertmanager', delivery: alertmanagerPayload('g', [{ labels, status: 'resolved' }]) },
      400,
      'None of its alerts fires',
    ],
  ])('%s', async (_, body, status, says) => {
    const response = await ask(approver, body)
    expect([response.status, await response.json()]).toMatchObject([status, { message: expect.stringContaining(says) }])
  })

  test('a source of another team, and a sixth at the same time', async () => {
    const stranger = await ask({ ...approver, name: 'kim', team: 'data' }, { source: 'alertmanager', delivery })
    const open = await Promise.all(Array.from({ length: 5 }, begun))
    const sixth = await ask(approver, { source: 'alertmanager', delivery })
    await Promise.all(open.map(end))

    expect(stranger.status).toBe(404)
    expect([sixth.status, await sixth.json()]).toMatchObject([429, { code: 'input.too-many' }])
  })
})
