// Whoever holds our key and reaches the server can ask a host for any run: none begins that its incident's recorded
// story did not ask for.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { newId } from '../../runtime/ids.ts'
import { hostWorkflowId, runRequested, type HostInput } from '../../workflows/messages.ts'
import { paperCatalogue } from '../support/paper-catalogue.ts'
import { paperHosts, type PaperHosts } from '../support/paper-host.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'
import { testTemporal, type TestTemporal } from '../support/temporal.ts'
import { paperHost, road, type Road } from './road.ts'

const folder = mkdtempSync(join(tmpdir(), 'millwright-never-asked-'))
const host = paperHost('web-01')
let db: TestStore
let temporal: TestTemporal
let hosts: PaperHosts
let built: Road

beforeAll(async () => {
  ;[db, temporal] = await Promise.all([testStore(), testTemporal()])
  hosts = paperHosts(join(folder, 'hosts'))
  hosts.add(host.id, 'crashed')
  const privateDir = join(folder, 'private')
  mkdirSync(privateDir, { mode: 0o700 })
  const playbooksDir = paperCatalogue(folder)
  const parts = { store: db.store, hosts, inventory: [host], playbooksDir, privateDir }
  built = await road({ ...parts, client: () => temporal.client })
  const workflowBundle = { codePath: inject('workflowBundle') }
  await temporal.work({ taskQueue: 'control', workflowBundle, activities: built.control })
  await temporal.work({ taskQueue: 'hands/paper', activities: built.hands })
})
afterAll(async () => {
  await Promise.all([db.end(), temporal.end()])
  rmSync(folder, { recursive: true, force: true })
})

test('a sealed message to a host begins no run of a plan that its incident never asked for', async () => {
  const { control, hands } = built
  const incident = await seedIncident(db.store, { openedAt: new Date(), host: host.id, state: 'investigating' })
  const { id } = incident
  await hands.collectEvidence({ incident: id, host: host.id, round: 1 })
  const known = await control.matchSignatures({ incident: id, round: 1, tried: [] })
  if (known.kind !== 'one') throw new Error(`What was recognised is ${known.kind}.`)
  const { playbook, signature, params } = known
  const planned = await control.buildPlan({ incident: id, round: 1, attempt: 1, playbook, signature, params })
  if (planned.kind !== 'planned') throw new Error(planned.says)
  expect(await control.decidePlan({ plan: planned.plan })).toMatchObject({ verdict: 'auto' })
  const opened = await control.openRun({ plan: planned.plan, decision: null })
  if (!('run' in opened)) throw new Error(opened.says)
  const { run, deadline } = opened
  const request = { run, deadline, incident: id }
  const input: HostInput = { version: 1, host: host.id, zone: host.zone, queue: [] }

  await temporal.client.workflow.signalWithStart('host', {
    workflowId: hostWorkflowId(newId('run')),
    taskQueue: 'control',
    args: [input],
    signal: runRequested,
    signalArgs: [request],
  })

  const outcome = () => control.readRun({ run }).then((row) => row.outcome)
  const says = expect.stringContaining('does not ask for this run')
  await expect.poll(outcome, { timeout: 60_000 }).toMatchObject({ kind: 'refused', code: 'run.refused', says })
  expect(hosts.effects(host.id)).toEqual([])
})
