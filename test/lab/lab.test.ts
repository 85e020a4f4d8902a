import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { attemptInside, inside } from '../../lab/inside.ts'
import { breakHost, healHost, judgeHost } from '../../lab/oracle.ts'
import { labFolder } from '../../lab/paths.ts'
import { attempt } from '../../lab/run.ts'
import { isRunning, type LabState, requireHost, requireState } from '../../lab/state.ts'
import { type Lab, startLab } from '../../lab/up.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { tracesOf } from './traces.ts'

const token = 'a-token-of-this-test'

describe('a lab of two hosts', () => {
  let lab: Lab
  let state: LabState
  let receiver: Receiver
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lab-test-'))
    await writeFile(join(folder, 'token'), `${token}\n`, { mode: 0o600 })
    receiver = await startReceiver()
    lab = await startLab({
      hosts: 2,
      onboarded: false,
      webhook: { url: receiver.url, bearerFile: join(folder, 'token') },
    })
    state = requireState(lab.name)
  })

  afterAll(async () => {
    await lab.stop()
    receiver.close()
    await rm(folder, { recursive: true, force: true })
    expect(await tracesOf(state)).toEqual([])
    expect(existsSync(labFolder(state.name))).toBe(false)
  })

  test('hosts let the operator in only under the host keys that were made before they started', async () => {
    const [host] = lab.hosts
    const options = ['-o', `UserKnownHostsFile=${lab.knownHostsPath}`, '-o', 'StrictHostKeyChecking=yes', '-F', 'none']
    const hostname = await attempt([
      'ssh',
      ...options,
      '-i',
      lab.operatorKeyPath,
      `root@${host?.address ?? ''}`,
      'hostname',
    ])
    expect(hostname).toMatchObject({ exitCode: 0, stdout: 'web-01' })
  })

  test('every host boots without a failed unit and has an identity of its own', async () => {
    const ids = new Set<string>()
    for (const { name } of lab.hosts) {
      const host = requireHost(state, name)
      expect(await inside(host, ['systemctl', 'list-units', '--failed', '--no-legend'])).toBe('')
      ids.add(await inside(host, ['cat', '/etc/machine-id']))
    }
    expect(ids.size).toBe(3)
  })

  test('a unit that outgrows its MemoryMax is killed, and none starts more than its TasksMax', async () => {
    const host = requireHost(state, 'web-02')
    const hungry = 'held = [bytearray(1 << 20) for _ in range(200)]'
    const memory = [
      'systemd-run',
      '--wait',
      '--quiet',
      '--collect',
      '--property=MemoryMax=32M',
      'python3',
      '-c',
      hungry,
    ]
    expect((await attemptInside(host, memory)).exitCode).not.toBe(0)
    expect(
      (
        await attemptInside(
          host,
          memory.filter((word) => !word.startsWith('--property')),
        )
      ).exitCode,
    ).toBe(0)
    const many = 'import os\nfor _ in range(20):\n  if os.fork() == 0: __import__("time").sleep(1); os._exit(0)'
    const tasks = ['systemd-run', '--wait', '--quiet', '--collect', '--property=TasksMax=8', 'python3', '-c', many]
    expect((await attemptInside(host, tasks)).exitCode).not.toBe(0)
    expect(
      (
        await attemptInside(
          host,
          tasks.filter((word) => !word.startsWith('--property')),
        )
      ).exitCode,
    ).toBe(0)
  })

  test('a crashed service reaches the webhook as a real alert, and the oracle knows broken from healed', async () => {
    const before = performance.now()
    await breakHost(state, 'service-crashed', 'web-01')
    const delivery = await receiver.waitFor({
      alertname: 'HostSystemdServiceCrashed',
      instance: 'web-01:9100',
      name: 'nginx.service',
    })
    console.info(`break to webhook: ${(delivery.at - before).toFixed(0)} ms`)
    expect(delivery.bearer).toBe(`Bearer ${token}`)
    expect(await judgeHost(state, 'service-crashed', 'web-01')).toMatchObject({ healthy: false, collateral: [] })
    await healHost(state, 'web-01')
    expect(await judgeHost(state, 'service-crashed', 'web-01')).toMatchObject({ healthy: true, problems: [] })
    await receiver.waitFor({ alertname: 'HostSystemdServiceCrashed', instance: 'web-01:9100' }, { status: 'resolved' })
  })

  test('the oracle names what a repair touched beyond what it may', async () => {
    await breakHost(state, 'service-crashed', 'web-01')
    const host = requireHost(state, 'web-01')
    await inside(host, ['systemctl', 'start', 'nginx'])
    await inside(host, ['systemctl', 'restart', 'cron'])
    await writeFile(join(lab.hosts[0]?.root ?? '', 'etc/motd'), 'I was here\n')
    const verdict = await judgeHost(state, 'service-crashed', 'web-01')
    expect(verdict.healthy).toBe(true)
    expect(verdict.collateral).toEqual(['The unit cron.service was restarted.', 'The file /etc/motd was changed.'])
    await healHost(state, 'web-01')
  })
})

test('two labs that are started at the same moment stand side by side, and one goes without the other', async () => {
  const start = () => startLab({ hosts: 1, monitoring: false, onboarded: false })
  const [one, other] = await Promise.all([start(), start()])
  const states = [requireState(one.name), requireState(other.name)]
  expect(new Set(states.map(({ subnet }) => subnet)).size).toBe(2)
  await one.stop()
  expect(await inside(requireHost(requireState(other.name), 'web-01'), ['hostname'])).toBe('web-01')
  await other.stop()
  for (const state of states) expect(await tracesOf(state)).toEqual([])
})

describe('a lab whose owner is killed', () => {
  test('leaves nothing behind', async () => {
    const up = `import { startLab } from ${JSON.stringify(join(import.meta.dirname, '../../lab/up.ts'))}
      const lab = await startLab({ hosts: 1, monitoring: false, onboarded: false })
      console.log(lab.name)
      setInterval(() => undefined, 1000)`
    const owner = spawn(process.execPath, ['--input-type=module', '-e', up], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void owner.kill('SIGKILL'))
    const name = await new Promise<string>((resolve) =>
      owner.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())),
    )
    const state = requireState(name)
    expect(await tracesOf(state)).not.toEqual([])
    owner.kill('SIGKILL')
    let traces = await tracesOf(state)
    for (let round = 0; traces.length > 0 && round < 600; round += 1) {
      await sleep(100)
      traces = await tracesOf(state)
    }
    expect(traces).toEqual([])
  })

  test('is removed by the next lab when its warden was killed too', async () => {
    const lab = await startLab({ hosts: 1, monitoring: false, onboarded: false })
    const state = requireState(lab.name)
    if (state.warden !== undefined) process.kill(state.warden.pid, 'SIGKILL')
    while (isRunning(state)) await sleep(10)
    const next = await startLab({ hosts: 1, monitoring: false, onboarded: false })
    const traces = await tracesOf(state)
    await next.stop()
    expect(traces).toEqual([])
    expect(await tracesOf(state)).toEqual([])
  })
})
