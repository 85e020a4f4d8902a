// Where a person approved a preview, the same play is tried in check mode first: what it would do beyond the preview
// keeps it from running.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createReconcileRun } from '../../activities/reconcile-run.ts'
import { createRunPlaybook } from '../../activities/run-playbook.ts'
import type { Plan } from '../../domain/plan.ts'
import type { Touch } from '../../domain/touch.ts'
import { breakHost, healHost, judgeHost } from '../../lab/oracle.ts'
import { approve } from '../activities/run-world.ts'
import type { Sample } from './sample.ts'
import { type Driver, preparing, processesOf, runsOnHost, untilRuns } from './prepared.ts'
import { labTrial } from './trial.ts'

const trial = labTrial()
const { state, url, store, inHost, exists, run } = trial
const prepare = preparing(trial)

const made = '/etc/made'
const make = `- name: Make\n  ansible.builtin.file: { path: ${made}, state: directory }`
const shown = (says: string, ...touches: readonly Touch[]): Partial<Plan> => ({
  preview: [{ says, items: [], touches, reversible: true }],
})
const file = (name: string): Touch => ({ kind: 'file', name })
const folder = (name: string): Touch => ({ kind: 'folder', name })
/** A reading command that ends only when it is ended. */
const waiting = `- name: Read\n  ansible.builtin.command: { argv: [/usr/bin/cat, /run/endless] }\n  changed_when: false\n  check_mode: false`

beforeAll(async () => {
  await inHost('mkfifo', '/run/endless')
})

type Case = Sample & { readonly plan: Partial<Plan>; readonly asked?: boolean; readonly driver?: Driver }

async function carriedOut({ plan, asked = true, driver = 'spawned', ...sample }: Case) {
  const { deps, opened } = await prepare(driver, sample, plan)
  if (asked) await approve(store(), opened)
  const outcome = await createRunPlaybook(deps)({ run: opened.run })
  return { outcome, opened, deps, events: await eventsOf(opened.run) }
}

async function eventsOf(of: string) {
  const rows = await store().selectFrom('run_event').select('event').where('run', '=', of).orderBy('sequence').execute()
  return rows.map(({ event }) => event)
}

const record = async (of: string): Promise<readonly string[]> =>
  (await inHost('ls', `/var/lib/millwright/runs/${of}`)).trim().split('\n').sort()

describe.each(['spawned', 'warm'] as const)('by the %s driver', (driver) => {
  test('a play that would change more than the preview names does not begin, and the host is as it was', async () => {
    await breakHost(state(), 'service-crashed', 'web-01')
    const { outcome, opened, deps, events } = await carriedOut({
      tasks: make,
      // What stands in a sentence allows nothing.
      plan: shown(`Restart nginx.service, make ${made}`, { kind: 'unit', name: 'nginx.service' }),
      driver,
    })
    const says = `It would change what the approved preview does not name: ${made} (“Make”).`
    expect(outcome).toEqual({ kind: 'refused', code: 'run.not-as-previewed', says })
    expect(events).toEqual([{ kind: 'checked', says }])
    expect(await judgeHost(state(), 'service-crashed', 'web-01')).toMatchObject({ healthy: false, collateral: [] })
    await healHost(state(), 'web-01')
    expect(await record(opened.run)).toEqual(['begun.json', 'ended.json'])
    const row = await store().selectFrom('run').selectAll().where('id', '=', opened.run).executeTakeFirstOrThrow()
    expect(row).toMatchObject({ state: 'refused', started_at: null })
    expect(processesOf(deps)).toEqual([])
  })

  test('a shipped playbook that does what it shows is checked, and then repairs', async () => {
    await breakHost(state(), 'service-crashed', 'web-01')
    const { outcome, events } = await carriedOutShipped(driver)
    expect(outcome).toMatchObject({ kind: 'succeeded', changed: 1, tasks: 2 })
    expect(await judgeHost(state(), 'service-crashed', 'web-01')).toMatchObject({ healthy: true, collateral: [] })
    await healHost(state(), 'web-01')
    const says =
      '1 of 2 tasks would do nothing but what was approved; 1 could not be previewed, for check mode skips them.'
    expect(events.slice(0, 3)).toEqual([
      { kind: 'checked', says },
      { kind: 'ready' },
      { kind: 'task', task: 'Forget earlier failures of the unit' },
    ])
  })
})

async function carriedOutShipped(driver: Driver) {
  const { deps } = await prepare(driver, { tasks: make })
  const { outcome, opened } = await run('service-restart', { unit: 'nginx.service' }, { launch: deps.launch })
  return { outcome, events: await eventsOf(opened.run) }
}

test('what policy lets run by itself was shown to nobody, and is not checked', async () => {
  const { outcome, events } = await carriedOut({ tasks: make, plan: shown('Nothing'), asked: false })
  expect(outcome).toMatchObject({ kind: 'succeeded', changed: 1 })
  expect(events[0]).toEqual({ kind: 'ready' })
  expect(await exists(made)).toBe(true)
  await inHost('rmdir', made)
})

test('once what was approved is there already, it does not begin', async () => {
  await inHost('mkdir', '-p', made)
  expect((await carriedOut({ tasks: make, plan: shown('Make', file(made)) })).outcome).toMatchObject({
    kind: 'refused',
    code: 'run.not-as-previewed',
    says: 'It would change nothing any more, and a change was approved.',
  })
  await inHost('rmdir', made)
  expect((await carriedOut({ tasks: make, plan: shown('Make', folder('/etc')) })).outcome).toMatchObject({
    kind: 'succeeded',
  })
  await inHost('rmdir', made)
})

test('each thing of a loop is compared, also behind a declared secret', async () => {
  const tasks = `- name: Make\n  ansible.builtin.file: { path: "${made}/{{ item }}", state: directory }\n  loop: [a, b]\n  no_log: true`
  const { outcome } = await carriedOut({ tasks, plan: shown('Make', file(`${made}/a`)) })
  expect(outcome).toMatchObject({
    says: `It would change what the approved preview does not name: ${made}/b (“Make”).`,
  })
})

test('whoever may change a file may not take away a folder of that name with everything below it', async () => {
  const tasks = `- name: Remove\n  ansible.builtin.file: { path: ${made}, state: absent }`
  await inHost('mkdir', '-p', `${made}/below`)
  const refusal = `It would change what the approved preview does not name: everything below ${made} (“Remove”).`
  expect((await carriedOut({ tasks, plan: shown('Remove', file(made)) })).outcome).toMatchObject({ says: refusal })
  expect((await carriedOut({ tasks, plan: shown('Remove', folder(made)) })).outcome).toMatchObject({ changed: 1 })
  await inHost('touch', made)
  expect((await carriedOut({ tasks, plan: shown('Remove', file(made)) })).outcome).toMatchObject({ changed: 1 })
  expect(await exists(made)).toBe(false)
})

test('a copy into a folder is the file in it', async () => {
  const tasks = `- name: Copy\n  ansible.builtin.copy: { src: sample.conf, dest: /etc/ }`
  const sample = { tasks, files: { 'sample.conf': 'a' } }
  expect((await carriedOut({ ...sample, plan: shown('Copy', file('/etc')) })).outcome).toMatchObject({
    says: 'It would change what the approved preview does not name: /etc/sample.conf (“Copy”).',
  })
  const approved = shown('Copy', file('/etc/sample.conf'))
  expect((await carriedOut({ ...sample, plan: approved })).outcome).toMatchObject({ kind: 'succeeded' })
  await inHost('rm', '/etc/sample.conf')
})

test('a command is no pass: it is told as not previewed, and what comes after a reading one is really tried', async () => {
  const reading = `- name: Look\n  ansible.builtin.command: { argv: [/usr/bin/stat, -c, "%F", /etc/hosts] }\n  register: looked\n  changed_when: false\n  check_mode: false`
  const touching = `- name: Touch\n  ansible.builtin.command: { argv: [/usr/bin/touch, /etc/touched] }`
  const asserting = (kind: string) => `- name: See\n  ansible.builtin.assert: { that: ["looked.stdout == '${kind}'"] }`
  const hanging = `- name: Remove\n  ansible.builtin.command: { argv: [/usr/bin/rm, /etc/touched], removes: /etc/touched }`
  const hung = await carriedOut({ tasks: [touching, hanging].join('\n'), plan: shown('Touch') })
  expect(hung.outcome).toMatchObject({ kind: 'succeeded', changed: 2 })
  expect(hung.events[0]).toMatchObject({ says: expect.stringContaining('2 could not be previewed') })
  const good = await carriedOut({
    tasks: [reading, asserting('regular file'), touching].join('\n'),
    plan: shown('Touch'),
  })
  expect(good.outcome).toMatchObject({ kind: 'succeeded' })
  expect(good.events[0]).toMatchObject({ says: expect.stringContaining('1 could not be previewed') })
  await inHost('rm', '/etc/touched')
  const bad = await carriedOut({ tasks: [touching, reading, asserting('directory')].join('\n'), plan: shown('Touch') })
  expect(bad.outcome).toMatchObject({
    kind: 'refused',
    code: 'run.not-as-previewed',
    says: expect.stringContaining('did not pass in the task “See”'),
  })
  expect(await exists('/etc/touched')).toBe(false)
})

test('the kill switch ends a check, and nothing begins', async () => {
  const { deps, opened } = await prepare('spawned', { tasks: waiting })
  await approve(store(), opened)
  const running = createRunPlaybook(deps)({ run: opened.run })
  await untilRuns(trial, '/usr/bin/cat /run/endless')
  const set = (stopped: boolean) =>
    store().updateTable('kill_switch').set({ stopped, by: 'alex', says: 'drill' }).execute()
  await set(true)
  const outcome = await running
  await set(false)
  expect(outcome).toMatchObject({ kind: 'refused', code: 'stopped' })
  expect(await runsOnHost(trial, '/usr/bin/cat /run/endless')).toBe(false)
  expect(processesOf(deps)).toEqual([])
})

test('a worker that is killed in the check: it is known that nothing was changed', async () => {
  const { deps, opened, dir } = await prepare('spawned', { tasks: `${waiting}\n${make}`, hardTimeoutSeconds: 5 })
  await approve(store(), opened)
  const told = { url: url(), lab: state().name, dir, privateDir: deps.privateDir, run: opened.run, driver: 'spawned' }
  const worker = spawn(process.execPath, [join(import.meta.dirname, 'worker.ts'), JSON.stringify(told)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  onTestFinished(() => void worker.kill('SIGKILL'))
  await untilRuns(trial, '/usr/bin/cat /run/endless')
  worker.kill('SIGKILL')
  await exited(worker)
  expect(await createRunPlaybook(deps)({ run: opened.run })).toMatchObject({ kind: 'unknown' })
  // Or else the host would end it at the hard time-out.
  await inHost('sh', '-c', 'timeout 2 sh -c "echo > /run/endless" || true')
  expect(await createReconcileRun(deps)({ run: opened.run })).toMatchObject({
    kind: 'failed',
    says: expect.stringContaining('nothing was changed'),
    changed: 0,
  })
  expect(await exists(made)).toBe(false)
})

const exited = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve))
