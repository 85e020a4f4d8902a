// A worker that is killed right after any activity: its successor, another process, goes on; nothing is done twice, no
// answer of a model is paid twice, and the incident ends.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, inject, test } from 'vitest'
import { startModelBeside } from '../../lab/model-server/beside.ts'
import { incidentWorkflowId, type IncidentInput } from '../../workflows/messages.ts'
import { paperHosts } from '../support/paper-host.ts'
import { paperCatalogue } from '../support/paper-catalogue.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'
import { testTemporal } from '../support/temporal.ts'
import { workersOf } from './on-the-road.ts'
import { asked, payingActivities, repaired, stories, type Story } from './stories.ts'
import type { Orders } from './worker-process.ts'

type Point = Pick<Orders, 'activity' | 'when'> & { readonly story: Story }

const points: readonly Point[] = [
  { activity: 'runPlaybook', when: 'in its task', story: { ...repaired, ends: 'handed-over unknown' } },
  { activity: 'runPlaybook', when: 'before', story: { ...repaired, ends: 'handed-over expired', effects: 0 } },
  { activity: 'requestRun', when: 'before', story: repaired },
  ...payingActivities.map((activity): Point => ({ activity, when: 'in its call', story: asked })),
  ...[...stories].map(([activity, story]): Point => ({ activity, when: 'after', story })),
]

const waiting = { timeout: 400_000, interval: 200 } as const

const root = mkdtempSync(join(tmpdir(), 'millwright-killed-'))
let db: TestStore
let playbooksDir: string

beforeAll(async () => {
  db = await testStore()
  playbooksDir = paperCatalogue(root)
})
afterAll(async () => {
  await db.end()
  rmSync(root, { recursive: true, force: true })
})

describe.concurrent('a worker that is killed', { timeout: 420_000 }, () => {
  test.for(points)('$when $activity', async ({ activity, when, story }, { expect: expects, onTestFinished }) => {
    const host = `${activity}-${when}`.toLowerCase().replaceAll(' ', '-')
    const folder = join(root, host)
    const hosts = paperHosts(join(folder, 'hosts'))
    hosts.add(host, story.condition)
    const [temporal, model] = await Promise.all([testTemporal(), story === asked ? modelFor(folder) : null])
    onTestFinished(() => temporal.end())
    onTestFinished(() => model?.server.stop())
    const { id } = await seedIncident(db.store, { openedAt: new Date(), host, sourceStatus: story.source ?? 'firing' })
    const { address, namespace, key } = temporal
    const orders: Orders = {
      address,
      namespace,
      key: key?.toString('base64') ?? '',
      databaseUrl: db.url,
      bundle: inject('workflowBundle'),
      folder,
      playbooksDir,
      host,
      models: model?.models ?? null,
      story,
      activity,
      when,
    }
    const victim = startWorkers(orders)
    onTestFinished(victim.end)
    const resumed = story.resumed === true ? { resumed: { sequence: 0, round: 0 } } : {}
    const args: [IncidentInput] = [{ version: 1, incident: id, ...resumed }]
    const workflowId = incidentWorkflowId(id)
    await temporal.client.workflow.start('incident', {
      workflowId,
      taskQueue: 'control',
      args,
      workflowTaskTimeout: '2 seconds',
    })

    await expects.poll(async () => victim.exit() ?? (await endOf(id)), waiting).not.toBeNull()
    expects(victim.exit()).toBe('SIGKILL')
    // As nobody has to be killed again, it needs no process of its own: each takes seconds to start.
    const successor = { store: db.store, client: () => temporal.client }
    for (const one of await workersOf(orders, successor)) await temporal.work(one)
    await expects.poll(() => endOf(id), waiting).not.toBeNull()

    expects(await endOf(id)).toBe(story.ends)
    expects(hosts.effects(host)).toHaveLength(story.effects)
    const sequences = await sequencesOf(id)
    expects(sequences).toEqual(sequences.map((_, at) => at + 1))
    expects(sequences).toContain(1)
    const calls = await callsOf(id)
    const again = when === 'in its call' ? 1 : 0
    expects(model?.server.requests() ?? []).toHaveLength(calls.length === 0 ? 0 : calls.length + again)
    expects(calls.filter(({ attempts }) => attempts > 1)).toHaveLength(again)
    expects(calls.filter(({ state }) => state !== 'answered')).toEqual([])
    expects(calls.length > 0).toBe(model !== null)
  })
})

/** Starts the workers' process, and tells how it ended. */
function startWorkers(orders: Orders) {
  const script = join(import.meta.dirname, 'worker-process.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(orders)], { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  const end = (): Promise<void> => {
    child.kill('SIGKILL')
    return exited
  }
  return { exit: () => child.signalCode ?? child.exitCode, end }
}

async function endOf(incident: string): Promise<string | null> {
  const row = await db.store
    .selectFrom('incident')
    .select(['state', 'reason', 'closed_reason'])
    .where('id', '=', incident)
    .executeTakeFirst()
  if (row?.state === 'handed-over') return `handed-over ${row.reason}`
  return row?.state === 'closed' ? `closed ${row.closed_reason}` : null
}

async function sequencesOf(incident: string): Promise<readonly number[]> {
  const rows = await db.store
    .selectFrom('timeline')
    .select('sequence')
    .where('incident', '=', incident)
    .orderBy('sequence')
    .execute()
  return rows.map((row) => row.sequence)
}

/** What the ledger says was paid. */
function callsOf(incident: string) {
  const all = db.store.selectFrom('model_call').select(['tier', 'turn', 'attempts', 'state'])
  return all.where('incident', '=', incident).execute()
}

async function modelFor(folder: string) {
  return startModelBeside({ folder, persona: 'always-wants-more' })
}
