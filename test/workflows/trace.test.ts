// One trace per incident, from its webhook to its end: one root, no orphan, and every error that happened.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type WorkflowClientInterceptor } from '@temporalio/client'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { startDispatch } from '../../gateway/dispatch.ts'
import { startTelemetry, type Telemetry } from '../../runtime/telemetry.ts'
import { traceClient } from '../../runtime/temporal-trace.ts'
import type { WorkLoop } from '../../runtime/work-loop.ts'
import type { Store } from '../../store/connect.ts'
import { insertDispatches } from '../../store/dispatch.ts'
import { incidentWorkflowId } from '../../workflows/messages.ts'
import { traceInterceptor, tracedAskHost, tracedLaunch } from '../../workers/trace.ts'
import { faultInterceptor, paperHost, road, type Fault } from '../faults/road.ts'
import { paperCatalogue } from '../support/paper-catalogue.ts'
import { paperHosts } from '../support/paper-host.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'
import { attributeOf, spanCollector, type ReceivedSpan } from '../support/span-collector.ts'
import { testTemporal, type TestTemporal } from '../support/temporal.ts'

const folder = mkdtempSync(join(tmpdir(), 'millwright-trace-'))
const faults: Readonly<Partial<Record<string, Fault>>> = {
  matchSignatures: 'fails once',
  collectEvidence: 'fails once',
  requestRun: 'fails once after its effect',
  awaitRecovery: 'fails once',
}
let db: TestStore
let temporal: TestTemporal
let telemetry: Telemetry
let loop: WorkLoop
let collector: Awaited<ReturnType<typeof spanCollector>>
let spans: readonly ReceivedSpan[]
/** Of an incident whose workflow was lost: its id, and the spans of both workflows. */
let takenUp: string
let left: readonly ReceivedSpan[]

/** The first start's answer is lost after its effect: it is tried again, and found to run. */
let lostAnswers = 0
const losing: WorkflowClientInterceptor = {
  startWithDetails: async (input, next) => {
    const started = await next(input)
    lostAnswers += 1
    if (lostAnswers === 1) throw new Error('its answer was lost')
    return started
  },
}

beforeAll(async () => {
  ;[db, temporal, collector] = await Promise.all([testStore(), testTemporal(), spanCollector()])
  telemetry = await startTelemetry({ telemetry: { endpoint: collector.endpoint } }, 'test')
  const { connection, options } = temporal.client
  const { namespace, dataConverter } = options
  const client = new Client({ connection, namespace, dataConverter, interceptors: { workflow: [losing, traceClient] } })
  const hosts = paperHosts(join(folder, 'hosts'))
  hosts.add('traced-01', 'crashed')
  const privateDir = join(folder, 'private')
  mkdirSync(privateDir, { mode: 0o700 })
  const { store } = db
  const built = await road({
    store,
    hosts: { ...hosts, askHost: tracedAskHost(hosts.askHost), launch: tracedLaunch(hosts.launch) },
    inventory: [paperHost('traced-01')],
    playbooksDir: paperCatalogue(folder),
    privateDir,
    client: () => client,
  })
  const interceptors = { activity: [() => ({ inbound: traceInterceptor() }), faultInterceptor(() => faults)] }
  const workflowBundle = { codePath: inject('workflowBundle') }
  await temporal.work({ taskQueue: 'control', workflowBundle, activities: built.control, interceptors })
  await temporal.work({ taskQueue: 'hands/paper', activities: built.hands, interceptors })
  loop = startDispatch({ store, temporal: async () => client, now: () => new Date(), log: pino({ level: 'silent' }) })
  const { id } = await seedIncident(store, { openedAt: new Date(), state: 'open', host: 'traced-01' })
  await store.transaction().execute((tx) => insertDispatches(tx, [{ incident: id, kind: 'start' }], new Date()))
  const stateOf = async () =>
    (await store.selectFrom('incident').select('state').where('id', '=', id).executeTakeFirst())?.state
  await vi.waitFor(async () => expect(await stateOf()).toBe('closed'), { timeout: 60_000, interval: 100 })
  takenUp = await losesItsWorkflow(store, client)
  await loop.stop()
  await telemetry.end()
  const of = (incident: string) => collector.spans().filter((span) => ofTrace(incident).has(span.traceId))
  const ofTrace = (incident: string): ReadonlySet<string> =>
    new Set(collector.spans().flatMap((span) => (isOf(span, incident) ? [span.traceId] : [])))
  spans = of(id)
  left = of(takenUp)
}, 120_000)

afterAll(async () => {
  await Promise.all([db.end(), temporal.end(), collector.close()])
  rmSync(folder, { recursive: true, force: true })
})

/** People have it when its workflow is lost; the next alert has it taken up. */
async function losesItsWorkflow(store: Store, client: Client): Promise<string> {
  const { id } = await seedIncident(store, { openedAt: new Date(), state: 'open', host: 'gone-01' })
  const handle = client.workflow.getHandle(incidentWorkflowId(id))
  const entries = async (): Promise<number> =>
    (await store.selectFrom('timeline').selectAll().where('incident', '=', id).execute()).filter(
      ({ entry }) => entry.kind === 'handed-over' || entry.kind === 'source-resolved',
    ).length
  const tell = (kind: 'start' | 'changed') =>
    store.transaction().execute((tx) => insertDispatches(tx, [{ incident: id, kind }], new Date()))
  await tell('start')
  await vi.waitFor(async () => expect(await entries()).toBe(1), { timeout: 60_000, interval: 100 })
  const { runId } = await handle.describe()
  await handle.terminate('lost')
  await store.updateTable('incident').set({ source_status: 'resolved' }).where('id', '=', id).execute()
  await tell('changed')
  // The worker may write for the lost one a moment longer.
  await vi.waitFor(async () => expect((await handle.describe()).runId).not.toBe(runId), { timeout: 60_000 })
  await vi.waitFor(async () => expect(await entries()).toBe(2), { timeout: 60_000, interval: 100 })
  return id
}

function isOf(span: ReceivedSpan, incident: string): boolean {
  return attributeOf(span, 'millwright.of') === incidentWorkflowId(incident)
}

describe('the trace of an incident whose workflow was lost', () => {
  test('has one root for each workflow that had it, and no orphan', () => {
    const ids = new Set(left.map((span) => span.spanId))

    expect(left.filter((span) => !span.parentSpanId).map((span) => span.name)).toEqual([
      'incident',
      'incident taken up',
    ])
    expect(new Set(left.map((span) => span.traceId)).size).toBe(2)
    expect(left.filter((span) => span.parentSpanId && !ids.has(span.parentSpanId))).toEqual([])
  })
})

describe('the trace of a repaired incident', () => {
  test('is one, with one root, though it was started twice', () => {
    expect(lostAnswers).toBeGreaterThan(1)
    expect(new Set(spans.map((span) => span.traceId)).size).toBe(1)
    expect(spans.filter((span) => !span.parentSpanId).map((span) => span.name)).toEqual(['incident'])
  })

  test('has no orphan', () => {
    const ids = new Set(spans.map((span) => span.spanId))

    expect(spans.filter((span) => span.parentSpanId && !ids.has(span.parentSpanId))).toEqual([])
  })

  test('goes from the webhook over every step to the host, the task and the verification', () => {
    const names = spans.map((span) => span.name)

    expect(names).toEqual(
      expect.arrayContaining(['incident', 'scopeIncident', 'collectEvidence', 'exchange with a host']),
    )
    expect(names).toEqual(expect.arrayContaining(['runPlaybook', 'task: Restart the unit', 'holdRecovery', 'record']))
  })

  test('has exactly the errors that happened, each with its class', () => {
    const broken = spans.filter((span) => span.status.code === 2)

    expect(broken.map((span) => span.name).toSorted()).toEqual(Object.keys(faults).toSorted())
    expect(broken.map((span) => attributeOf(span, 'error.type'))).toEqual(broken.map(() => 'Error'))
  })

  test('says of every span how it ended', () => {
    expect(spans.filter((span) => attributeOf(span, 'millwright.outcome') === undefined)).toEqual([])
    expect(spans.map((span) => attributeOf(span, 'millwright.outcome'))).toContain('succeeded')
  })
})
