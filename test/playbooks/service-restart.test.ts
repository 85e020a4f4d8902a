import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createReconcileRun } from '../../activities/reconcile-run.ts'
import { createRunPlaybook } from '../../activities/run-playbook.ts'
import { attemptInside, inside } from '../../lab/inside.ts'
import { breakHost, healHost, judgeHost } from '../../lab/oracle.ts'
import { type LabState, requireHost, requireState } from '../../lab/state.ts'
import { type Lab, startLab } from '../../lab/up.ts'
import type { Store } from '../../store/connect.ts'
import { raiseFences } from '../../store/restored.ts'
import { openRun, runDeps } from '../activities/run-world.ts'
import { testStore } from '../support/postgres.ts'
import { labFleet, type LabFleet } from './lab-fleet.ts'

let lab: Lab
let state: LabState
let fleet: LabFleet
let store: Store
let end: () => Promise<void>

beforeAll(async () => {
  ;({ store, end } = await testStore())
  lab = await startLab({ hosts: 2, monitoring: false })
  state = requireState(lab.name)
  fleet = await labFleet(lab)
})
afterAll(async () => {
  fleet.close()
  await lab.stop()
  await end()
})
// Each test is an hour of its own: the caps are tested where policy is.
beforeEach(async () => {
  await store
    .updateTable('run')
    .set({ created_at: new Date(0), started_at: new Date(0), ended_at: new Date(0) })
    .execute()
})

const inHost = (...command: readonly string[]) => inside(requireHost(state, 'web-01'), [...command])

async function restart() {
  const deps = await runDeps(store, fleet.fleet('web-01'))
  const opened = await openRun(store, fleet.host('web-01'))
  const outcome = await createRunPlaybook(deps)({ run: opened.run })
  return { deps, opened, outcome }
}

test.each(['service-crashed', 'start-limit-hit'])(
  'it repairs %s, and the oracle finds nothing else changed',
  async (fault) => {
    await breakHost(state, fault, 'web-01')
    const { outcome, opened, deps } = await restart()
    expect(outcome).toEqual({ kind: 'succeeded', changed: 1, tasks: 2 })
    expect(await judgeHost(state, fault, 'web-01')).toMatchObject({ healthy: true })
    await healHost(state, 'web-01')
    const record = `/var/lib/millwright/runs/${opened.run}`
    expect(JSON.parse(await inHost('cat', `${record}/begun.json`))).toMatchObject({
      run: opened.run,
      plan: opened.plan.digest,
    })
    expect(JSON.parse(await inHost('cat', `${record}/result.json`))).toMatchObject({ tasks: 2, failedTask: null })
    expect(JSON.parse(await inHost('cat', `${record}/ended.json`))).toMatchObject({ how: 'ended', left: 0 })
    expect(readdirSync(join(deps.privateDir, 'runs'))).toEqual([])
    const events = await store
      .selectFrom('run_event')
      .select('event')
      .where('run', '=', opened.run)
      .orderBy('sequence')
      .execute()
    expect(events.map(({ event }) => event)).toMatchObject([
      { kind: 'ready' },
      { kind: 'task', task: 'Forget earlier failures of the unit' },
      { kind: 'ok', changed: false },
      { kind: 'task', task: 'Restart the unit' },
      { kind: 'ok', changed: true },
      { kind: 'stats', hosts: { 'web-01': { failures: 0 } } },
    ])
  },
)

test('on a healthy host it is refused before anything is started', async () => {
  const before = await inHost('systemctl', 'show', '-p', 'MainPID', 'nginx')
  const { outcome, opened } = await restart()
  expect(outcome).toMatchObject({
    kind: 'refused',
    code: 'run.refused',
    says: expect.stringContaining('nginx.service has failed'),
  })
  expect(await inHost('systemctl', 'show', '-p', 'MainPID', 'nginx')).toBe(before)
  expect(
    (await attemptInside(requireHost(state, 'web-01'), ['test', '-e', `/var/lib/millwright/runs/${opened.run}`]))
      .exitCode,
  ).toBe(1)
})

test('a run whose record the host has already is not carried out, and nobody claims to know what it did', async () => {
  await breakHost(state, 'service-crashed', 'web-01')
  const deps = await runDeps(store, fleet.fleet('web-01'))
  const opened = await openRun(store, fleet.host('web-01'))
  await inHost('mkdir', `/var/lib/millwright/runs/${opened.run}`)
  const outcome = await createRunPlaybook(deps)({ run: opened.run })
  expect(outcome).toMatchObject({ kind: 'unknown', says: expect.stringContaining('never carried out twice') })
  expect(await judgeHost(state, 'service-crashed', 'web-01')).toMatchObject({ healthy: false })
  // A folder and nothing in it: whoever made it got no further, so nothing was done.
  await store.updateTable('run').set({ hard_deadline: new Date() }).where('id', '=', opened.run).execute()
  expect(await createReconcileRun(deps)({ run: opened.run })).toMatchObject({ kind: 'failed', changed: 0 })
  await healHost(state, 'web-01')
})

test('an older fence than the host has seen is refused, until somebody says that the database was restored', async () => {
  await breakHost(state, 'service-crashed', 'web-01')
  const fence = Number(await inHost('cat', '/var/lib/millwright/fence'))
  await inHost('sh', '-c', `echo ${fence + 1000} > /var/lib/millwright/fence`)
  const says = new RegExp(`newer lease .fence ${fence + 1000}. than this run's .fence \\d+.*docs/backup.md`)
  expect((await restart()).outcome).toMatchObject({ kind: 'refused', says: expect.stringMatching(says) })
  // The second try would be above it, did a refused one count.
  const last = await store.selectFrom('host_lease').select('fence').where('host', '=', 'web-01').executeTakeFirst()
  const seen = Number(last?.fence) + 1
  await inHost('sh', '-c', `echo ${seen} > /var/lib/millwright/fence`)
  expect((await restart()).outcome).toMatchObject({ kind: 'refused' })
  expect((await restart()).outcome).toMatchObject({ kind: 'refused' })
  expect(await raiseFences(store, new Date())).toBeGreaterThan(seen)
  expect((await restart()).outcome).toMatchObject({ kind: 'succeeded' })
  await healHost(state, 'web-01')
})

test('a host that shows another key than the pinned one gets nothing, and it is said', async () => {
  await breakHost(state, 'service-crashed', 'web-01')
  const host = { ...fleet.host('web-01'), hostKeys: fleet.host('web-02').hostKeys }
  const deps = await runDeps(store, { ...fleet.fleet('web-01'), host, measure: fleet.fleet('web-01').measure })
  const opened = await openRun(store, host)
  const measured = {
    ...deps,
    measure: (_: unknown, requests: Parameters<typeof deps.measure>[1]) => deps.measure(fleet.host('web-01'), requests),
  }
  const outcome = await createRunPlaybook(measured)({ run: opened.run })
  expect(outcome).toMatchObject({ kind: 'refused', code: 'host.unknown-key' })
  await healHost(state, 'web-01')
})

test('a lost worker is reconciled from the record that the host wrote', async () => {
  await breakHost(state, 'service-crashed', 'web-01')
  const { deps, opened } = await restart()
  await healHost(state, 'web-01')
  const forget = {
    state: 'unknown' as const,
    outcome: JSON.stringify({ kind: 'unknown', says: 'lost' }),
    hard_deadline: new Date(),
  }
  await store.updateTable('run').set(forget).where('id', '=', opened.run).execute()
  const reconcile = createReconcileRun(deps)
  expect(await reconcile({ run: opened.run })).toEqual({ kind: 'succeeded', changed: 1, tasks: 2 })
  const never = await openRun(store, fleet.host('web-01'))
  await store
    .updateTable('run')
    .set({ ...forget, fence: '2000000' })
    .where('id', '=', never.run)
    .execute()
  expect(await reconcile({ run: never.run })).toMatchObject({
    kind: 'failed',
    says: expect.stringContaining('no record'),
  })
})
