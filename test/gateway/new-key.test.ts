// The payload key was changed while incidents were open: nobody can read their workflows any more, so people get them.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import { startLookout } from '../../gateway/lookout.ts'
import { forgedInterceptor } from '../../workers/forged.ts'
import { createSignalHost } from '../../workers/signal-host.ts'
import { hostWorkflowId, incidentWorkflowId, type IncidentInput } from '../../workflows/messages.ts'
import { paperHost, road } from '../faults/road.ts'
import { paperCatalogue } from '../support/paper-catalogue.ts'
import { paperHosts, type PaperHosts } from '../support/paper-host.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedDispatched, seedIncident } from '../support/seed.ts'
import { testTemporal, type TestTemporal } from '../support/temporal.ts'

const folder = mkdtempSync(join(tmpdir(), 'millwright-new-key-'))
const patient = { timeout: 60_000, interval: 50 }
let db: TestStore
let temporal: TestTemporal
let hosts: PaperHosts

beforeAll(async () => {
  ;[db, temporal] = await Promise.all([testStore(), testTemporal()])
  hosts = paperHosts(join(folder, 'hosts'))
  for (const host of ['web-01', 'web-02']) hosts.add(host, 'crashed')
  mkdirSync(join(folder, 'private'), { mode: 0o700 })
})
afterAll(async () => {
  await Promise.all([db.end(), temporal.end()])
  rmSync(folder, { recursive: true, force: true })
})

async function working({ client, work }: Pick<TestTemporal, 'client' | 'work'>, queues: 'control' | 'both') {
  const built = await road({
    store: db.store,
    hosts,
    inventory: [paperHost('web-01'), paperHost('web-02')],
    playbooksDir: paperCatalogue(mkdtempSync(join(folder, 'catalogue-'))),
    privateDir: join(folder, 'private'),
    client: () => client,
  })
  const interceptors = { activity: [() => ({ inbound: forgedInterceptor() })] }
  const workflowBundle = { codePath: inject('workflowBundle') }
  if (queues === 'both') await work({ taskQueue: 'hands/paper', activities: built.hands, interceptors })
  return work({ taskQueue: 'control', workflowBundle, activities: built.control, interceptors })
}

async function begin({ client }: Pick<TestTemporal, 'client'>, host: string): Promise<string> {
  const incident = await seedIncident(db.store, { openedAt: new Date(), host })
  await seedDispatched(db.store, incident)
  const args: [IncidentInput] = [{ version: 1, incident: incident.id }]
  const workflowId = incidentWorkflowId(incident.id)
  await client.workflow.start('incident', { workflowId, taskQueue: 'control', args })
  return incident.id
}

const rowOf = (id: string) =>
  db.store
    .selectFrom('incident')
    .select(['state', 'reason', 'closed_reason'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

test('what was open under the old key goes to people once, and hosts are repaired under the new one', async () => {
  const old = await working(temporal, 'control')
  // Nobody looks at hosts, so one incident waits for evidence and the other host for its run.
  const open = await begin(temporal, 'web-01')
  await vi.waitFor(async () => expect((await rowOf(open)).state).toBe('investigating'), patient)
  const deadline = new Date(Date.now() + 600_000).toISOString()
  const request = { run: 'run_never', deadline, incident: open }
  await createSignalHost(() => temporal.client)({ host: 'web-02', zone: 'nobody', request })
  const stuck = temporal.client.workflow.getHandle(hostWorkflowId('web-02'))
  await vi.waitFor(async () => expect((await stuck.describe()).raw.pendingActivities).toHaveLength(1), patient)
  await old.stop()

  const rekeyed = temporal.rekeyed()
  await working(rekeyed, 'both')
  const log = pino({ level: 'silent' })
  const lookout = startLookout({ store: db.store, temporal: async () => rekeyed.client, log })
  onTestFinished(() => lookout.stop())

  await vi.waitFor(
    async () => expect(await rowOf(open)).toMatchObject({ state: 'handed-over', reason: 'unknown' }),
    patient,
  )
  const handle = rekeyed.client.workflow.getHandle(incidentWorkflowId(open))
  await handle.executeUpdate('closeByPerson', { args: [{ person: 'ann', says: 'done' }] })
  await vi.waitFor(async () => expect(await rowOf(open)).toMatchObject({ closed_reason: 'closed-by-person' }), patient)
  expect(hosts.effects('web-01')).toEqual([])

  const next = await begin(rekeyed, 'web-02')
  await vi.waitFor(async () => expect(await rowOf(next)).toMatchObject({ closed_reason: 'recovered' }), patient)
  expect(hosts.effects('web-02').filter((line) => line.startsWith('playbook.yml'))).toHaveLength(1)
}, 300_000)
