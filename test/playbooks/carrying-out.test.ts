// What a run leaves when it is stopped, cut off, killed, hostile or wrong: on the host, here, and in the record.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createReconcileRun } from '../../activities/reconcile-run.ts'
import { createRunPlaybook, type RunPlaybookDeps } from '../../activities/run-playbook.ts'
import { setLink } from '../../lab/network.ts'
import { requireHost } from '../../lab/state.ts'
import { openRun } from '../activities/run-world.ts'
import { preparing, processesOf, runsOnHost, untilRuns } from './prepared.ts'
import { labTrial } from './trial.ts'

/** A case that is the same by any driver is tried by one. */
const onlyWhen = (holds: boolean): typeof test | (() => void) => (holds ? test : () => undefined)

const trial = labTrial()
const { state, url, store, fleet, inHost } = trial
const prepare = preparing(trial)
const pattern = '/usr/bin/sleep 4711'
/** A busy machine comes to the play's second task in it; the host waits for its end. */
const hardTimeoutSeconds = 20
const sleeping = `
- name: Leave a mark
  ansible.builtin.command:
    argv: [/usr/bin/mktemp, /root/marks/XXXXXX]
- name: Sleep
  ansible.builtin.command:
    argv: [/usr/bin/sleep, "4711"]
- name: Come later
  ansible.builtin.command:
    argv: [/usr/bin/touch, /root/later]
`

beforeAll(async () => {
  await inHost('mkdir', '/root/marks')
})

/** How often the first task had its effect. */
const marks = async (): Promise<number> => Number(await inHost('sh', '-c', 'ls /root/marks | wc -l'))

/** What may be gone again while it is looked at does not count. */
function bytesBelow(folder: string): number {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return paths.reduce((sum, path) => sum + (statSync(join(folder, path), { throwIfNoEntry: false })?.size ?? 0), 0)
}

async function expectNothingLeft(deps: RunPlaybookDeps): Promise<void> {
  expect(await runsOnHost(trial, pattern)).toBe(false)
  expect(await inHost('sh', '-c', 'test -e /root/later && echo later || echo none')).toBe('none')
  expect(processesOf(deps)).toEqual([])
  expect(readdirSync(join(deps.privateDir, 'runs'))).toEqual([])
}

const setStop = (stopped: boolean) =>
  store().updateTable('kill_switch').set({ stopped, by: 'alex', says: 'drill' }).execute()

const exited = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve))

describe.each(['spawned', 'warm'] as const)('by the %s driver', (driver) => {
  test('the kill switch ends a run in mid-play, here and on the host, and it is known to be over', async () => {
    const { deps, opened } = await prepare(driver, { tasks: sleeping })
    const running = createRunPlaybook(deps)({ run: opened.run })
    await untilRuns(trial, pattern)
    await setStop(true)
    const outcome = await running
    await setStop(false)
    expect(outcome).toMatchObject({
      kind: 'failed',
      says: expect.stringContaining('alex has stopped all changes: drill'),
    })
    await expectNothingLeft(deps)
    const ended = JSON.parse(await inHost('cat', `/var/lib/millwright/runs/${opened.run}/ended.json`))
    expect(ended).toMatchObject({ how: 'cancelled', left: 0 })
  })

  onlyWhen(driver === 'spawned')('a host that never stops complaining is let go and fills no disk here', async () => {
    const noisy = String.raw`mv /usr/bin/sudo /root/sudo && printf '#!/bin/sh\nexec yes >&2\n' > /usr/bin/sudo`
    await inHost('sh', '-c', `${noisy} && chmod 755 /usr/bin/sudo`)
    const { deps, opened } = await prepare(driver, { tasks: sleeping })
    let written = 0
    const looking = setInterval(() => (written = Math.max(written, bytesBelow(deps.privateDir))), 20)
    const outcome = await createRunPlaybook(deps)({ run: opened.run })
    clearInterval(looking)
    await inHost('mv', '/root/sudo', '/usr/bin/sudo')
    expect(outcome).toMatchObject({ kind: 'refused', says: 'web-01 did not let this run in.' })
    expect(written).toBeLessThan(1024 * 1024)
    await expectNothingLeft(deps)
  })

  onlyWhen(driver === 'spawned')('a run that passes its hard time-out is ended in the same way', async () => {
    const { deps, opened } = await prepare(driver, { tasks: sleeping, hardTimeoutSeconds: 5 })
    const outcome = await createRunPlaybook(deps)({ run: opened.run })
    expect(outcome).toMatchObject({ kind: 'failed', says: expect.stringContaining('hard time-out') })
    await expectNothingLeft(deps)
  })

  onlyWhen(driver === 'spawned')(
    'a link that is cut in mid-play makes the run unknown; the host ends it by itself, and its record says so',
    async () => {
      const { deps, opened } = await prepare(driver, { tasks: sleeping, hardTimeoutSeconds })
      const host = requireHost(state(), 'web-01')
      const running = createRunPlaybook(deps)({ run: opened.run })
      await untilRuns(trial, pattern)
      await setLink(state(), host, 'down')
      const outcome = await running
      await setLink(state(), host, 'up')
      expect(outcome).toMatchObject({ kind: 'unknown' })
      const row = await store().selectFrom('run').selectAll().where('id', '=', opened.run).executeTakeFirstOrThrow()
      expect(row.state).toBe('unknown')
      expect(await createReconcileRun(deps)({ run: opened.run })).toMatchObject({
        kind: 'unknown',
        says: expect.stringMatching(/was (expired|lost)/),
      })
      await expectNothingLeft(deps)
    },
  )

  test('a worker that is killed in mid-play: its next start ends what it left, and the run is never started again', async () => {
    const before = await marks()
    const { deps, opened, dir } = await prepare(driver, { tasks: sleeping, hardTimeoutSeconds })
    const told = { url: url(), lab: state().name, dir, privateDir: deps.privateDir, run: opened.run, driver }
    const worker = spawn(process.execPath, [join(import.meta.dirname, 'worker.ts'), JSON.stringify(told)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    onTestFinished(() => void worker.kill('SIGKILL'))
    await untilRuns(trial, pattern)
    worker.kill('SIGKILL')
    await exited(worker)
    expect(processesOf(deps)).not.toEqual([])
    const outcome = await createRunPlaybook(deps)({ run: opened.run })
    expect(outcome).toMatchObject({ kind: 'unknown' })
    expect(processesOf(deps)).toEqual([])
    expect(await createReconcileRun(deps)({ run: opened.run })).toMatchObject({ kind: 'unknown' })
    await expectNothingLeft(deps)
    expect(await marks()).toBe(before + 1)
  })

  test('a worker that is killed after the play: the record on the host tells how it ended', async () => {
    const before = await marks()
    const { deps, opened, dir } = await prepare(driver, { tasks: sleeping.replace('"4711"', '"3"') })
    await inHost('rm', '-f', '/root/later')
    const told = { url: url(), lab: state().name, dir, privateDir: deps.privateDir, run: opened.run, driver }
    const worker = spawn(process.execPath, [join(import.meta.dirname, 'worker.ts'), JSON.stringify(told)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    onTestFinished(() => void worker.kill('SIGKILL'))
    await expect.poll(marks, { timeout: 300_000 }).toBe(before + 1)
    worker.kill('SIGKILL')
    await exited(worker)
    const reconcile = createReconcileRun({ ...deps, now: () => new Date() })
    expect(await reconcile({ run: opened.run })).toMatchObject({ kind: 'succeeded', tasks: 3 })
    // What it left on this machine is ended at the next start.
    await createRunPlaybook(deps)({ run: opened.run })
    await inHost('rm', '-f', '/root/later')
    await expectNothingLeft(deps)
  })

  test('a value that is a template stays a text, on this machine and on the host', async () => {
    const marker = join(mkdtempSync(join(tmpdir(), 'millwright-hostile-')), 'ran')
    onTestFinished(() => rmSync(join(marker, '..'), { recursive: true, force: true }))
    const units = [`{{ lookup('pipe', 'touch ${marker}') }}`, '{{ 7 * 7 }}', '$(touch /root/later)', '-rf']
    for (const unit of units) {
      const inventory = fleet().host('web-01')
      const host = { ...inventory, units: [{ name: unit, configs: [], ports: [] }] }
      const change = { inventory: () => ({ digest: 'i', hosts: [host] }) }
      const tasks = `- name: Print {{ unit }}\n  ansible.builtin.command:\n    argv: [/usr/bin/printf, "%s", "<{{ unit }}>"]\n  register: printed\n- name: Fail with it\n  ansible.builtin.fail:\n    msg: "{{ printed.stdout }}"`
      const { deps, opened } = await prepare(driver, { tasks }, { params: { unit } }, change)
      expect(await createRunPlaybook(deps)({ run: opened.run })).toMatchObject({
        kind: 'failed',
        task: 'Fail with it',
        says: expect.stringContaining(`<${unit}>`),
      })
    }
    expect(existsSync(marker)).toBe(false)
    expect(await inHost('sh', '-c', 'test -e /root/later && echo later || echo none')).toBe('none')
  })

  test('what a failing task says is told, and its name; what is too long is cut between words', async () => {
    const words = `It went wrong.${' again'.repeat(330)}`
    const { deps, opened } = await prepare(driver, {
      // Half of a secret would not be recognised as one.
      tasks: `- name: Fail\n  ansible.builtin.fail:\n    msg: ${words} ghp_${'a1'.repeat(18)}`,
    })
    expect(await createRunPlaybook(deps)({ run: opened.run })).toEqual({
      kind: 'failed',
      says: words,
      task: 'Fail',
      changed: 0,
    })
  })

  onlyWhen(driver === 'spawned')('an undo is a run of its own, of its own play', async () => {
    const tasks = '- name: Make\n  ansible.builtin.file: { path: /root/made, state: directory }'
    const undo = '- name: Take away\n  ansible.builtin.file: { path: /root/made, state: absent }'
    const { deps, opened } = await prepare(driver, { tasks, undo })
    expect(await createRunPlaybook(deps)({ run: opened.run })).toMatchObject({ kind: 'succeeded', changed: 1 })
    expect(await inHost('stat', '-c', '%F', '/root/made')).toBe('directory')
    const [host] = deps.inventory().hosts
    if (host === undefined) throw new Error('no host')
    const taken = await openRun(store(), host, { kind: 'undo' }, deps.playbooksDir)
    expect(await createRunPlaybook(deps)({ run: taken.run })).toMatchObject({ kind: 'succeeded', changed: 1 })
    expect(await inHost('sh', '-c', 'test -e /root/made && echo there || echo gone')).toBe('gone')
  })
})
