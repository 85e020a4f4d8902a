// Step 4 against a real Temporal server: what was recorded reaches it, once, whatever was down in between.
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { Failure } from '../../domain/failure.ts'
import { startDispatch } from '../../gateway/dispatch.ts'
import type { WorkLoop } from '../../runtime/work-loop.ts'
import { insertDispatches, dispatchChannel, type NewDispatch } from '../../store/dispatch.ts'
import { listen } from '../../store/listen.ts'
import { alertsChanged, controlQueue, incidentWorkflowId } from '../../workflows/messages.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'
import { testTemporal, type TestTemporal } from '../support/temporal.ts'

let db: TestStore
let temporal: TestTemporal
const loops: WorkLoop[] = []
beforeAll(async () => {
  ;[db, temporal] = await Promise.all([testStore(), testTemporal()])
})
afterAll(() => Promise.all([db.end(), temporal.end()]))
afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop()))
})

type Log = Parameters<typeof startDispatch>[0]['log']

function dispatcher(client = async () => temporal.client, log: Log = pino({ level: 'silent' })): WorkLoop {
  const loop = startDispatch({ store: db.store, temporal: client, now: () => new Date(), log })
  loops.push(loop)
  return loop
}

const put = (rows: readonly NewDispatch[], at = new Date()) =>
  db.store.transaction().execute((tx) => insertDispatches(tx, rows, at))
const newIncident = async () => (await seedIncident(db.store, { openedAt: new Date(), state: 'open' })).id
const handleOf = (incident: string) => temporal.client.workflow.getHandle(incidentWorkflowId(incident))
const undone = async (incident: string) =>
  (
    await db.store
      .selectFrom('dispatch')
      .select('kind')
      .where('incident', '=', incident)
      .where('done_at', 'is', null)
      .execute()
  ).length
const settled = (incident: string) =>
  vi.waitFor(async () => expect(await undone(incident)).toBe(0), { timeout: 60_000, interval: 20 })

async function signalsOf(incident: string): Promise<number> {
  const { events } = await handleOf(incident).fetchHistory()
  return (events ?? []).filter(
    (event) => event.workflowExecutionSignaledEventAttributes?.signalName === alertsChanged.name,
  ).length
}

test('an opened incident starts its workflow, and what changes later signals it', async () => {
  const incident = await newIncident()
  dispatcher()
  await put([{ incident, kind: 'start' }])
  await settled(incident)
  const { type, taskQueue, status } = await handleOf(incident).describe()
  expect({ type, taskQueue, status: status.name }).toEqual({
    type: 'incident',
    taskQueue: controlQueue,
    status: 'RUNNING',
  })
  await put([{ incident, kind: 'changed' }])
  await settled(incident)
  expect(await signalsOf(incident)).toBe(1)
})

test('what came while nobody dispatched is told at once, not piece by piece', async () => {
  const incident = await newIncident()
  await put([{ incident, kind: 'start' }])
  for (let times = 0; times < 20; times += 1) await put([{ incident, kind: 'changed' }])
  dispatcher()
  await settled(incident)
  expect(await signalsOf(incident)).toBe(0)
  await put(Array.from({ length: 20 }, () => ({ incident, kind: 'changed' as const })))
  await settled(incident)
  expect(await signalsOf(incident)).toBeLessThan(20)
})

test('two gateways start each incident once', async () => {
  const incidents = await Promise.all(Array.from({ length: 30 }, newIncident))
  await put(incidents.map((incident) => ({ incident, kind: 'start' as const })))
  dispatcher()
  dispatcher()
  await Promise.all(incidents.map(settled))
  const tries = await db.store
    .selectFrom('dispatch')
    .select(['incident', 'tries'])
    .where('incident', 'in', incidents)
    .execute()
  expect(tries.map((row) => row.tries)).toEqual(incidents.map(() => 1))
})

test('a row whose workflow was started before the gateway died is done, not started again', async () => {
  const incident = await newIncident()
  dispatcher()
  await put([{ incident, kind: 'start' }])
  await settled(incident)
  const { runId } = await handleOf(incident).describe()
  await db.store
    .updateTable('dispatch')
    .set({ done_at: null, next_at: new Date() })
    .where('incident', '=', incident)
    .execute()
  await settled(incident)
  expect((await handleOf(incident).describe()).runId).toBe(runId)
})

test('a re-opened incident is started anew once its old workflow has ended', async () => {
  const incident = await newIncident()
  dispatcher()
  await put([{ incident, kind: 'start' }])
  await settled(incident)
  const { runId } = await handleOf(incident).describe()
  await put([{ incident, kind: 'start' }])
  await vi.waitFor(
    async () => {
      const row = await db.store
        .selectFrom('dispatch')
        .select('error')
        .where('incident', '=', incident)
        .where('done_at', 'is', null)
        .executeTakeFirst()
      expect(row?.error).toBeTruthy()
    },
    { timeout: 60_000 },
  )
  expect((await handleOf(incident).describe()).runId).toBe(runId)
  await handleOf(incident).terminate('it ended')
  await settled(incident)
  expect((await handleOf(incident).describe()).runId).not.toBe(runId)
})

test('nothing is told to a closed incident', async () => {
  const incident = await newIncident()
  await put([{ incident, kind: 'start' }])
  await db.store.updateTable('incident').set({ state: 'closed' }).where('id', '=', incident).execute()
  dispatcher()
  await settled(incident)
  await expect(handleOf(incident).describe()).rejects.toThrow(/not found/i)
})

describe('Temporal is down', () => {
  test('what was recorded is started when it is back, and a minute of waiting is an alarm', async () => {
    const incident = await newIncident()
    let down = true
    const lines: string[] = []
    const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) })
    dispatcher(async () => {
      if (down) throw new Failure({ code: 'upstream.unavailable', message: 'The workflow server does not answer.' })
      return temporal.client
    }, log)
    await put([{ incident, kind: 'start' }], new Date(Date.now() - 61_000))
    await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 60_000 })
    expect(lines[0]).toMatch(/has waited \d\d/)
    down = false
    await settled(incident)
    expect((await handleOf(incident).describe()).status.name).toBe('RUNNING')
  })
})

test('a notification wakes the dispatcher before it would look by itself', async () => {
  const heard: string[] = []
  const listening = listen(db.url, [dispatchChannel], (channel) => heard.push(channel))
  await vi.waitFor(() => expect(heard).toHaveLength(1), { timeout: 60_000 })
  await put([{ incident: await newIncident(), kind: 'start' }])
  await vi.waitFor(() => expect(heard).toHaveLength(2), { timeout: 60_000 })
  await listening.stop()
})
