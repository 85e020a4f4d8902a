// An open incident whose workflow is gone reaches people, whatever noticed it first: an alert, a person, or the
// lookout.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { startDispatch } from '../../gateway/dispatch.ts'
import { startLookout } from '../../gateway/lookout.ts'
import type { RunState } from '../../domain/run.ts'
import { newId } from '../../runtime/ids.ts'
import type { WorkLoop } from '../../runtime/work-loop.ts'
import { insertDispatches, type NewDispatch } from '../../store/dispatch.ts'
import { readQuarantine } from '../../store/quarantine.ts'
import { incidentWorkflowId } from '../../workflows/messages.ts'
import { paperHost, road, type Road } from '../faults/road.ts'
import { testGateway } from '../support/gateway.ts'
import { paperCatalogue } from '../support/paper-catalogue.ts'
import { logInAs } from '../support/people.ts'
import { paperHosts, type PaperHosts } from '../support/paper-host.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedDispatched, seedIncident, seedPlan, seedRun, type SeedIncident } from '../support/seed.ts'
import { testTemporal, type TestTemporal } from '../support/temporal.ts'

const folder = mkdtempSync(join(tmpdir(), 'millwright-lost-'))
const log = pino({ level: 'silent' })
let db: TestStore
let hosts: PaperHosts
let temporal: TestTemporal
const loops: WorkLoop[] = []

beforeAll(async () => {
  db = await testStore()
  hosts = paperHosts(join(folder, 'hosts'))
  hosts.add('web-01', 'crashed')
  hosts.add('web-02', 'odd')
  mkdirSync(join(folder, 'private'), { mode: 0o700 })
  temporal = await working(await testTemporal())
})
afterAll(async () => {
  await Promise.all([db.end(), temporal.end()])
  rmSync(folder, { recursive: true, force: true })
})
afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop()))
  // Each test looks at its own, and all share the hosts.
  await db.store.updateTable('incident').set({ state: 'closed' }).execute()
  await db.store.deleteFrom('host_lease').execute()
})

/** With both workers. */
async function working(server: TestTemporal): Promise<TestTemporal> {
  const built: Road = await road({
    store: db.store,
    hosts,
    inventory: [paperHost('web-01'), paperHost('web-02')],
    playbooksDir: paperCatalogue(mkdtempSync(join(folder, 'catalogue-'))),
    privateDir: join(folder, 'private'),
    client: () => server.client,
  })
  const workflowBundle = { codePath: inject('workflowBundle') }
  await server.work({ taskQueue: 'control', workflowBundle, activities: built.control })
  await server.work({ taskQueue: 'hands/paper', activities: built.hands })
  return server
}

function started(loop: WorkLoop): WorkLoop {
  loops.push(loop)
  return loop
}

const look = (server = temporal) => started(startLookout({ store: db.store, temporal: async () => server.client, log }))
const dispatcher = () =>
  started(startDispatch({ store: db.store, temporal: async () => temporal.client, now: () => new Date(), log }))
const put = (rows: readonly NewDispatch[]) =>
  db.store.transaction().execute((tx) => insertDispatches(tx, rows, new Date()))
const handleOf = (incident: string, { client } = temporal) => client.workflow.getHandle(incidentWorkflowId(incident))

/** Its workflow was started once and is not there any more: nobody knows it in this Temporal. */
async function lostIncident(seed: Partial<SeedIncident> = {}) {
  const incident = await seedIncident(db.store, { openedAt: new Date(), state: 'investigating', ...seed })
  await seedDispatched(db.store, incident)
  return incident
}

const stateOf = (id: string) =>
  db.store.selectFrom('incident').select(['state', 'reason']).where('id', '=', id).executeTakeFirstOrThrow()
const kindsOf = async (id: string) =>
  (
    await db.store.selectFrom('timeline').select(['entry']).where('incident', '=', id).orderBy('sequence').execute()
  ).map(({ entry }) => entry.kind)
const handedOver = (id: string) =>
  vi.waitFor(async () => expect(await stateOf(id)).toEqual({ state: 'handed-over', reason: 'unknown' }), {
    timeout: 60_000,
    interval: 50,
  })
async function handedOverOnce(id: string): Promise<void> {
  await handedOver(id)
  expect((await kindsOf(id)).filter((kind) => kind === 'handed-over')).toHaveLength(1)
  expect(hosts.effects('web-01')).toEqual([])
}

describe('the lookout', () => {
  test('gives people every open incident whose workflow nobody knows, once', async () => {
    const states = ['open', 'investigating', 'awaiting-approval', 'remediating', 'verifying'] as const
    const incidents = await Promise.all(states.map((state) => lostIncident({ state })))

    look()
    look()

    for (const { id } of incidents) await handedOverOnce(id)
  })

  test('finds them all, however many there are', async () => {
    const incidents = await Promise.all(Array.from({ length: 45 }, () => lostIncident()))

    look()

    for (const { id } of incidents) await handedOver(id)
  })

  test('takes up one that was terminated, and counts on from where it stood', async () => {
    const incident = await seedIncident(db.store, { openedAt: new Date(), state: 'open', host: 'web-02' })
    dispatcher()
    await put([{ incident: incident.id, kind: 'start' }])
    await vi.waitFor(async () => expect((await stateOf(incident.id)).state).toBe('handed-over'), { timeout: 60_000 })
    const before = await kindsOf(incident.id)
    await handleOf(incident.id).terminate('by hand')

    look()

    await vi.waitFor(async () => expect((await handleOf(incident.id).describe()).status.name).toBe('RUNNING'), 60_000)
    await handleOf(incident.id).executeUpdate('closeByPerson', { args: [{ person: 'ann', says: 'done' }] })
    await vi.waitFor(async () => expect((await stateOf(incident.id)).state).toBe('closed'), { timeout: 60_000 })
    expect(await kindsOf(incident.id)).toEqual([...before, 'closed'])
  })

  test('against a new Temporal hands over what the old one knew, each once', async () => {
    const incident = await lostIncident({ state: 'verifying' })
    const fresh = await working(await testTemporal())
    onTestFinished(fresh.end)

    look(fresh)
    look(fresh)

    await handedOverOnce(incident.id)
    expect((await handleOf(incident.id, fresh).describe()).status.name).toBe('RUNNING')
  })

  test('leaves alone what runs, what is closed and what is still to be started', async () => {
    const [first, closed] = [
      await seedIncident(db.store, { openedAt: new Date(), state: 'open' }),
      await lostIncident({ state: 'closed' }),
    ]
    const later = new Date(Date.now() + 60_000)
    await db.store
      .insertInto('dispatch')
      .values({ incident: first.id, kind: 'start', created_at: new Date(), next_at: later })
      .execute()
    const sentinel = await lostIncident()

    look()

    await handedOver(sentinel.id)
    for (const { id } of [first, closed]) await expect(handleOf(id).describe()).rejects.toThrow(/not found/i)
    const { runId } = await handleOf(sentinel.id).describe()
    look()
    const another = await lostIncident()
    look()
    await handedOver(another.id)
    expect((await handleOf(sentinel.id).describe()).runId).toBe(runId)
  })
})

describe('a run of a lost incident', () => {
  const lostRun = async (state: RunState, kind: 'remediate' | 'undo' = 'remediate') => {
    const outcome = state === 'unknown' ? ({ kind: 'unknown', says: 'The worker was lost.' } as const) : null
    const incident = await lostIncident({ state: 'remediating' })
    const plan = await seedPlan(db.store, incident, { kind })
    const run = await seedRun(db.store, incident, plan, { after: 100, state, outcome })
    return { incident, run }
  }
  const rowOf = (run: string) =>
    db.store.selectFrom('run').select(['state', 'outcome']).where('id', '=', run).executeTakeFirstOrThrow()

  test('that nobody had begun is refused, so nothing can begin it', async () => {
    const { incident, run } = await lostRun('planned')

    look()

    await handedOverOnce(incident.id)
    expect(await rowOf(run)).toMatchObject({ state: 'refused', outcome: { kind: 'refused' } })
  })

  test.each(['started', 'unknown'] as const)('%s stays unknown where its host has no word of it', async (state) => {
    const { incident, run } = await lostRun(state)

    look()

    await handedOverOnce(incident.id)
    await vi.waitFor(async () => expect(await kindsOf(incident.id)).toContain('run-ended'), { timeout: 60_000 })
    expect((await rowOf(run)).state).toBe('unknown')
    expect(await readQuarantine(db.store, 'web-01')).toMatchObject({
      because: expect.stringContaining(`a run of INC-${incident.number} did here is not known`),
    })
  })

  test('that was leased and never began is told as what the host says', async () => {
    const { incident, run } = await lostRun('leased')
    await db.store.updateTable('run').set({ started_at: null }).where('id', '=', run).execute()

    look()

    await handedOverOnce(incident.id)
    await vi.waitFor(async () => expect(await kindsOf(incident.id)).toContain('run-ended'), { timeout: 60_000 })
    expect(await rowOf(run)).toMatchObject({
      state: 'failed',
      outcome: { changed: 0, says: expect.stringContaining('nothing of it began') },
    })
  })

  test('that was an undo is told as one, and its incident stays with people', async () => {
    const { incident, run } = await lostRun('leased', 'undo')
    await db.store.updateTable('run').set({ started_at: null }).where('id', '=', run).execute()

    look()

    await handedOverOnce(incident.id)
    await vi.waitFor(async () => expect(await kindsOf(incident.id)).toContain('run-ended'), { timeout: 60_000 })
    expect((await handleOf(incident.id).describe()).status.name).toBe('RUNNING')
  })
})

describe('an alert', () => {
  test('about a lost incident brings it to people', async () => {
    const incident = await lostIncident()
    dispatcher()

    await put([{ incident: incident.id, kind: 'changed' }])

    await handedOverOnce(incident.id)
  })

  test('whose start was never confirmed does not begin a story anew that had gone on', async () => {
    const incident = await seedIncident(db.store, { openedAt: new Date(), state: 'investigating' })
    const entries = [
      { kind: 'alerted', source: 'am', alerts: ['x'], severity: null },
      { kind: 'scoped', host: 'web-01', subjects: [] },
    ] as const
    await db.store
      .insertInto('timeline')
      .values(
        entries.map((entry, sequence) => ({
          incident: incident.id,
          sequence,
          at: new Date(),
          state: null,
          entry: JSON.stringify(entry),
        })),
      )
      .execute()
    dispatcher()

    await put([{ incident: incident.id, kind: 'start' }])

    await handedOverOnce(incident.id)
    expect(await kindsOf(incident.id)).toEqual(['alerted', 'scoped', 'handed-over'])
  })
})

describe('a person', () => {
  const ask = async (path: string, body: object) => {
    const app = await testGateway(db.store, { temporal: async () => temporal.client })
    const token = await logInAs(db.store, { name: 'ann', role: 'approver', team: 'default' })
    return app.request(`http://127.0.0.1:8321/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  test('closes a lost incident', async () => {
    const incident = await lostIncident({ state: 'handed-over', reason: 'failed' })

    const answer = await ask(`incidents/${incident.number}/close`, { says: 'done by hand' })

    expect(answer.status).toBe(200)
    await vi.waitFor(async () => expect((await stateOf(incident.id)).state).toBe('closed'), { timeout: 60_000 })
  })

  test('who decides on a plan of a lost incident is told that nothing waits for it, and nothing runs', async () => {
    const incident = await lostIncident({ state: 'awaiting-approval' })
    const { digest } = await seedPlan(db.store, incident)

    const answer = await ask(`plans/${encodeURIComponent(digest)}/decisions`, { id: newId('dec'), verdict: 'approve' })

    expect(answer.status).toBe(409)
    await handedOverOnce(incident.id)
  })
})
