// Secrets that alerts and hosts bring in, followed all the way: no column of the database, no word that Temporal keeps
// and no line of a log has one.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import protocol from '@temporalio/proto'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { createAskHost } from '../../activities/ask-host.ts'
import { canonicalJson } from '../../domain/canonical-json.ts'
import type { ProbeRequest } from '../../domain/evidence.ts'
import { Failure } from '../../domain/failure.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import { startDispatch } from '../../gateway/dispatch.ts'
import { loadSources } from '../../integrations/load.ts'
import { loadProbes } from '../../probes/load.ts'
import { Config } from '../../runtime/config.ts'
import { sha256 } from '../../runtime/digest.ts'
import { createLogger } from '../../runtime/logger.ts'
import { redactText } from '../../runtime/redaction.ts'
import type { WorkLoop } from '../../runtime/work-loop.ts'
import { failureInterceptor } from '../../workers/failures.ts'
import { hostWorkflowId, incidentWorkflowId } from '../../workflows/messages.ts'
import { paperHost, road } from '../faults/road.ts'
import { alertmanagerPayload, hookRequest, testGateway } from '../support/gateway.ts'
import { paperCatalogue } from '../support/paper-catalogue.ts'
import { paperHosts, type PaperHosts } from '../support/paper-host.ts'
import { disguises, kinds, leaks } from '../support/planted.ts'
import { testStore, textsOfStore, type TestStore } from '../support/postgres.ts'
import { testTemporal, type TestTemporal } from '../support/temporal.ts'

const lines = kinds.map(([, line]) => line)
/** As long as a label may be, whatever it is wrapped in. */
const short = lines.filter((line) => line.length < 200)
const everything = short.join('\n')
const bearer = 'file:/secrets/token'
const fields = {
  alerts: '/alerts',
  groupKey: '/group',
  name: '/name',
  startsAt: '/since',
  link: '/link',
  labels: { host: '/host', severity: '/level' },
  annotations: { text: '/text' },
  allLabels: '/more',
}
const config = Config.parse({
  sources: {
    am: { use: 'alertmanager', bearer, targets: [{ host: 'instance', unit: 'name' }] },
    any: { use: 'generic', bearer, fields, targets: [{ host: 'host' }] },
  },
})
/** What each host does to us, by its name. */
const hosts = ['answers', 'unreachable', 'fails', 'shuts', 'met-a-bug'] as const
const folder = mkdtempSync(join(tmpdir(), 'millwright-secrets-'))
const logged: string[] = []
const log = createLogger({
  name: 'test',
  redact: redactText,
  stream: { write: (line) => void logged.push(line) },
  style: 'json',
})
const patient = { timeout: 200_000, interval: 100 }

let db: TestStore
let temporal: TestTemporal
let dispatcher: WorkLoop | undefined

beforeAll(async () => {
  // Not sealed: what it keeps is read as whoever has the key could.
  ;[db, temporal] = await Promise.all([testStore(), testTemporal('plain')])
  await work()
  const inventory = { digest: 'of the test', hosts: hosts.map(paperHost) }
  const sources = await loadSources(config)
  const parts = { config, sources, inventory: () => inventory, temporal: async () => temporal.client, log }
  const app = await testGateway(db.store, parts)
  await deliverAll(app)
  dispatcher = startDispatch({ store: db.store, now: () => new Date(), ...parts })
  await vi.waitFor(async () => expect(await unfinished()).toEqual([]), patient)
}, 240_000)
afterAll(async () => {
  await dispatcher?.stop()
  await Promise.all([db.end(), temporal.end()])
  rmSync(folder, { recursive: true, force: true })
})

test('no column of the database holds a secret, and each that took text from outside shows where one stood', async () => {
  const columns = await textsOfStore(db.store)

  expect([...columns].filter(([, texts]) => texts.some(leaks)).map(([column]) => column)).toEqual([])
  const marked = [...columns].filter(([, texts]) => texts.some((text) => text.includes('[redacted:')))
  expect(marked.map(([column]) => column)).toEqual(
    expect.arrayContaining(
      `alert.annotations alert.labels alert.name delivery.body delivery.says evidence.outcome incident.group_key
      incident.severity incident.title outbox.body run.outcome run_event.event timeline.entry`.split(/\s+/),
    ),
  )
})

test('nothing that Temporal keeps has a secret in it', async () => {
  const incidents = await db.store.selectFrom('incident').select(['id', 'title']).execute()
  const workflows = [...incidents.map(({ id }) => incidentWorkflowId(id)), ...['fails', 'shuts'].map(hostWorkflowId)]
  const kept = await Promise.all(workflows.map(async (id) => [id, await textOfWorkflow(id)] as const))

  expect(kept.filter(([, text]) => leaks(text)).map(([id]) => id)).toEqual([])
  expect(kept.filter(([, text]) => text.includes('[redacted:')).length).toBeGreaterThan(0)
})

test('no line of a log has a secret in it', () => {
  expect(logged.filter(leaks)).toEqual([])
  expect(logged.some((line) => line.includes('[redacted:'))).toBe(true)
})

async function work(): Promise<void> {
  const paper = paperHosts(join(folder, 'hosts'))
  for (const host of hosts) paper.add(host, 'crashed')
  mkdirSync(join(folder, 'private'), { mode: 0o700 })
  const built = await road({
    store: db.store,
    hosts: await talkative(paper),
    inventory: hosts.map(paperHost),
    playbooksDir: paperCatalogue(folder),
    privateDir: join(folder, 'private'),
    client: () => temporal.client,
    log,
  })
  let lost = false
  const control: typeof built.control = {
    ...built.control,
    matchSignatures: async (input) => {
      if ((await hostOf(input.incident)) === 'met-a-bug') throw new Failure({ code: 'bug', message: everything })
      return built.control.matchSignatures(input)
    },
  }
  const hands: typeof built.hands = {
    ...built.hands,
    collectEvidence: async (input) => {
      if (input.host === 'fails' && !lost) {
        lost = true
        throw new Error(`the library said ${everything}`)
      }
      return built.hands.collectEvidence(input)
    },
  }
  const interceptors = { activity: [() => ({ inbound: failureInterceptor(redactText) })] }
  const workflowBundle = { codePath: inject('workflowBundle') }
  await temporal.work({
    taskQueue: 'control',
    workflowBundle,
    activities: control,
    interceptors,
    maxConcurrentWorkflowTaskExecutions: 4,
  })
  await temporal.work({ taskQueue: 'hands/paper', activities: hands, interceptors })
}

/** Hosts that say secrets wherever a host can say something. */
async function talkative(paper: PaperHosts): Promise<PaperHosts> {
  const probes = await loadProbes()
  const exchange = async (host: Pick<InventoryHost, 'id'>, request: string): Promise<string> => {
    if (host.id === 'unreachable') throw new Failure({ code: 'host.unreachable', message: everything })
    return replyOf(host.id, request)
  }
  const askHost = createAskHost({ probes, ssh: { exchange }, now: () => new Date() })
  return {
    ...paper,
    askHost: (host, ...rest) =>
      host.id === 'answers' || host.id === 'unreachable' ? askHost(host, ...rest) : paper.askHost(host, ...rest),
    door: {
      ...paper.door,
      begin: (request) =>
        request.host.id === 'shuts' ? Promise.reject(new Error(`refused: ${everything}`)) : paper.door.begin(request),
    },
    launch: (request) => {
      const launched = paper.launch(request)
      for (const line of lines) {
        const said = line.slice(0, 2_000)
        request.onEvent({
          kind: 'failed',
          task: said,
          changed: false,
          says: said,
          would: [{ kind: 'file', name: said }],
        })
      }
      return { ...launched, complaint: () => everything }
    },
  }
}

/** Sealed as a host's program does. */
function replyOf(host: string, request: string): string {
  const { requests }: { readonly requests: readonly ProbeRequest[] } = JSON.parse(request)
  const clock = '2026-11-21T09:00:00.000Z'
  const answers = requests.map(({ probe, params }, at) => {
    const said = { probe, params, clock, milliseconds: 1 }
    const answer =
      probe === 'failed-units'
        ? {
            ...said,
            outcome: 'ok',
            facts: { units: short, count: short.length, why: short },
            excerpt: everything,
            truncated: false,
          }
        : { ...said, outcome: 'broken', message: short[at % short.length] }
    return { ...answer, digest: sha256(canonicalJson(answer)) }
  })
  return JSON.stringify({ version: 1, host, schema: 'of the test', clock, answers })
}

async function deliverAll(app: Awaited<ReturnType<typeof testGateway>>): Promise<void> {
  const send = async (source: string, body: unknown, status = 202): Promise<void> => {
    const answer = await app.request(`/hooks/v1/${source}`, hookRequest(body))
    const says = await answer.text()
    expect(answer.status, says).toBe(status)
    expect(leaks(says), says).toBe(false)
  }
  for (const [, wrap] of disguises) {
    // One key is not as long as all of them: the senders share them.
    const [first = '', second = first] = groups(short.map(wrap))
    await send('am', fromAlertmanager(first, wrap))
    await send('any', fromAnybody(second, short.map(wrap)))
  }
  for (const host of hosts) {
    const labels = { alertname: 'ServiceDown', instance: host, name: 'nginx.service' }
    await send('am', alertmanagerPayload(`{}:{host="${host}"}`, [{ labels }]))
  }
  for (const line of short)
    await send('am', alertmanagerPayload('{}', [{ labels: { [line]: 'x'.repeat(3_000) } }]), 400)
}

type Wrap = (line: string) => string

/** A secret in each label's value, in labels' names, in annotations, in the name, in the group. */
function fromAlertmanager(group: string, wrap: Wrap): object {
  const values = Object.fromEntries(short.map((line, at) => [`label_${at}`, wrap(line)]))
  const annotations = Object.fromEntries(lines.map((line, at) => [`note_${at}`, wrap(line)]))
  const named = Object.fromEntries(short.map((line) => [wrap(line).slice(0, 250), 'x']))
  const alerts = [values, named].map((labels, at) => ({
    labels: { ...labels, alertname: wrap(`DB_PASSWORD=${at}`), severity: wrap(short[at] ?? '') },
    annotations,
    fingerprint: `000000000000000${at}`,
  }))
  return alertmanagerPayload(group, alerts)
}

function fromAnybody(group: string, texts: readonly string[]): object {
  const alerts = texts.map((text) => ({
    name: text,
    since: '2026-11-21T09:00:00Z',
    host: text,
    level: text,
    text,
    link: `https://prometheus.example/graph?token=${encodeURIComponent(text)}`,
    more: { more_of_it: text },
  }))
  return { group, alerts }
}

/** All lines, in texts that a group key may be as long as. */
function groups(wrapped: readonly string[]): readonly string[] {
  const full: string[] = []
  let open = ''
  for (const line of wrapped) {
    if (open.length + line.length > 8_000) full.push(open)
    open = open.length + line.length > 8_000 ? line : `${open}\n${line}`
  }
  return [...full, open]
}

const hostOf = async (id: string): Promise<string | null> =>
  (await db.store.selectFrom('incident').select('host').where('id', '=', id).executeTakeFirstOrThrow()).host

const unfinished = (): Promise<unknown> =>
  db.store.selectFrom('incident').select(['id', 'state']).where('state', 'not in', ['handed-over', 'closed']).execute()

/** History and description, as bytes of the wire. */
async function textOfWorkflow(workflowId: string): Promise<string> {
  const { api } = protocol.temporal
  const { workflowService, options } = temporal.client
  const handle = temporal.client.workflow.getHandle(workflowId)
  const history = api.history.v1.History.encode(await handle.fetchHistory()).finish()
  const described = await workflowService.describeWorkflowExecution({
    namespace: options.namespace,
    execution: { workflowId },
  })
  const description = api.workflowservice.v1.DescribeWorkflowExecutionResponse.encode(described).finish()
  return `${Buffer.from(history).toString('latin1')} ${Buffer.from(description).toString('latin1')}`
}
