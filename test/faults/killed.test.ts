// A worker that is killed right after any activity: its successor goes on, nothing is done twice, and the incident
// ends.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { incidentWorkflowId, type IncidentInput } from '../../workflows/messages.ts'
import { paperHosts } from '../support/paper-host.ts'
import { paperCatalogue } from '../support/paper-catalogue.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'
import { testTemporal } from '../support/temporal.ts'
import type { Activity } from './road.ts'
import type { Orders } from './worker-process.ts'

/** Those that a repair goes through. */
const activities: readonly Activity[] = [
  'readStory',
  'scopeIncident',
  'record',
  'collectEvidence',
  'matchSignatures',
  'readHost',
  'buildPlan',
  'decidePlan',
  'readSwitch',
  'openRun',
  'requestRun',
  'runPlaybook',
  'readRun',
  'awaitRecovery',
  'holdRecovery',
]

type Point = Pick<Orders, 'activity' | 'when'> & { readonly ends: string; readonly effects: number }

const points: readonly Point[] = [
  { activity: 'runPlaybook', when: 'in its task', ends: 'handed-over unknown', effects: 1 },
  { activity: 'runPlaybook', when: 'before', ends: 'handed-over expired', effects: 0 },
  { activity: 'requestRun', when: 'before', ends: 'closed recovered', effects: 1 },
  ...activities.map((activity) => ({ activity, when: 'after', ends: 'closed recovered', effects: 1 }) as const),
]

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
  test.for(points)('$when $activity', async (point, { expect: expects, onTestFinished }) => {
    const temporal = await testTemporal()
    onTestFinished(temporal.end)
    const host = `${point.activity}-${point.when}`.toLowerCase().replaceAll(' ', '-')
    const folder = join(root, host)
    const hosts = paperHosts(join(folder, 'hosts'))
    hosts.add(host, 'crashed')
    const { id } = await seedIncident(db.store, { openedAt: new Date(), host })
    const { address, namespace, key } = temporal
    const places = {
      address,
      namespace,
      key: key?.toString('base64') ?? '',
      databaseUrl: db.url,
      bundle: inject('workflowBundle'),
      folder,
      playbooksDir,
      host,
    }
    const worker = keepAlive({ ...places, activity: point.activity, when: point.when })
    onTestFinished(worker.end)
    const args: [IncidentInput] = [{ version: 1, incident: id }]
    const workflowId = incidentWorkflowId(id)
    await temporal.client.workflow.start('incident', {
      workflowId,
      taskQueue: 'control',
      args,
      workflowTaskTimeout: '2 seconds',
    })

    await expects.poll(() => endOf(id), { timeout: 400_000, interval: 200 }).not.toBeNull()

    expects(worker.starts()).toBeGreaterThan(1)
    expects(await endOf(id)).toBe(point.ends)
    expects(hosts.effects(host)).toHaveLength(point.effects)
    expects(await sequencesOf(id)).toEqual(expect.arrayContaining([1, 2]))
  })
})

/** Starts the workers' process and starts it anew whenever it is gone. */
function keepAlive(orders: Orders) {
  const script = join(import.meta.dirname, 'worker-process.ts')
  let child: ChildProcess
  let starts = 0
  let ending = false
  const start = (): void => {
    starts += 1
    child = spawn(process.execPath, [script, JSON.stringify(orders)], { stdio: ['ignore', 'ignore', 'inherit'] })
    child.once('exit', () => {
      if (!ending) start()
    })
  }
  start()
  const end = (): Promise<void> => {
    ending = true
    return new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.kill('SIGKILL')
    })
  }
  return { starts: () => starts, end }
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

/** Each once, without a gap, whatever was written twice. */
async function sequencesOf(incident: string): Promise<readonly number[]> {
  const rows = await db.store
    .selectFrom('timeline')
    .select('sequence')
    .where('incident', '=', incident)
    .orderBy('sequence')
    .execute()
  const sequences = rows.map((row) => row.sequence)
  expect(sequences).toEqual(sequences.map((_, at) => at + 1))
  return sequences
}
