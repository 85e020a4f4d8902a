// With a real PostgreSQL and a real Temporal server; only our own processes are stand-ins that write down what they
// get.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { payloadKeyProblem, withPayloadKey } from '../../runtime/payload-key.ts'
import { startSupervisor } from '../../runtime/supervisor.ts'
import { config, log, modules } from './fixtures/up.ts'

const waitSeconds = 60

let data = ''
const started: ChildProcess[] = []

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'millwright-up-'))
  chmodSync(data, 0o711)
  process.env['TEST_READ_KEY'] = 'the-read-key'
  process.env['TEST_WEBHOOK_TOKEN'] = 'the-webhook-token'
  process.env['TEST_MODEL_KEY'] = 'the-model-key'
})

afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  await until(() => !existsSync(join(data, 'postgres', 'postmaster.pid')))
  rmSync(data, { recursive: true, force: true })
})

test('everything starts, each process gets only its own secrets, and a clean stop leaves no process', async () => {
  const supervisor = await startSupervisor({ dataDir: data, config, log, modules })
  const children = supervisor.children()

  expect(Object.keys(children).toSorted()).toEqual(['control', 'hands', 'mind', 'postgres', 'temporal'])
  expect(supervisor.loginCode).toBe('CODE-FOR-TESTS')
  const control = given('control')
  const hands = given('hands')
  expect(control.rows).toEqual([{ one: 1, who: 'millwright' }])
  expect(control.webhook).toBe('the-webhook-token')
  expect(control.readKey).toContain('does not belong to the process control')
  expect(hands.readKey).toBe('the-read-key')
  expect(hands.webhook).toContain('does not belong to the process hands')
  const mind = given('mind')
  expect(mind.rows).toEqual([{ one: 1, who: 'millwright_mind' }])
  expect(mind.modelKey).toBe('the-model-key')
  expect([mind.readKey, mind.webhook].join()).toMatch(/(does not belong to the process mind.*){2}/s)
  for (const one of [control, hands, mind]) {
    if (one !== mind) expect(one.modelKey).toContain('does not belong to the process')
    expect(JSON.stringify([one.argv, one.environment])).not.toMatch(/the-(read-key|webhook-token|model-key)/)
  }
  expect(statSync(join(data, 'cli.token')).mode & 0o777).toBe(0o600)
  expect(JSON.parse(readFileSync(join(data, 'cli.token'), 'utf8'))).toEqual({
    url: supervisor.url,
    token: 'token-for-tests',
  })

  await supervisor.stop()

  expect(existsSync(join(data, 'control', 'stopped'))).toBe(true)
  expect(existsSync(join(data, 'cli.token'))).toBe(false)
  for (const pid of Object.values(children)) expect(isAlive(pid)).toBe(false)
})

test('where no model is configured no process runs that could ask one', async () => {
  const { models: _, ...without } = config
  const supervisor = await startSupervisor({ dataDir: data, config: without, log, modules })
  try {
    expect(Object.keys(supervisor.children()).toSorted()).toEqual(['control', 'hands', 'postgres', 'temporal'])
  } finally {
    await supervisor.stop()
  }
})

test('the key of what Temporal keeps is made once, for its owner alone, and one that others can read is refused', async () => {
  const file = join(data, 'payload.key')
  const first = withPayloadKey(config, file)
  const key = readFileSync(file, 'utf8')
  const second = withPayloadKey(config, file)

  expect(first.temporal).toEqual({ payloadKey: `file:${file}` })
  expect(second).toEqual(first)
  expect(readFileSync(file, 'utf8')).toBe(key)
  expect(Buffer.from(key, 'base64')).toHaveLength(32)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  chmodSync(file, 0o640)
  expect(() => withPayloadKey(config, file)).toThrow('Others than its owner')
  process.env['TEMPORAL_ADDRESS'] = '127.0.0.1:1'
  expect(() => withPayloadKey(config, file)).toThrow('temporal.payloadKey')
  expect(payloadKeyProblem(config)).toContain('temporal.payloadKey')
  delete process.env['TEMPORAL_ADDRESS']
})

test('a second start on the same folder is refused and names the first', async () => {
  const supervisor = await startSupervisor({ dataDir: data, config, log, modules })
  try {
    const second = startSupervisor({ dataDir: data, config, log, modules })

    await expect(second).rejects.toMatchObject({
      code: 'setup.in-use',
      message: expect.stringContaining(`Process ${process.pid} (${supervisor.url})`),
    })
  } finally {
    await supervisor.stop()
  }
})

test('kill -9 of the supervisor leaves no child, and the next start works on the same folder', async () => {
  const first = await upInAnotherProcess()

  first.process.kill('SIGKILL')
  await until(() => Object.values(first.children).every((pid) => !isAlive(pid)))
  const second = await upInAnotherProcess()

  expect(Object.values(second.children).every((pid) => isAlive(pid))).toBe(true)
  second.process.kill('SIGTERM')
  await until(() => Object.values(second.children).every((pid) => !isAlive(pid)))
})

test('a process that dies is started again', async () => {
  const supervisor = await startSupervisor({ dataDir: data, config, log, modules })
  try {
    const before = supervisor.children()

    for (const pid of Object.values(before)) process.kill(pid ?? 0, 'SIGKILL')
    await until(() => Object.entries(supervisor.children()).every(([name, pid]) => pid !== before[name]))

    await until(() => Object.values(supervisor.children()).every((pid) => isAlive(pid)))
  } finally {
    await supervisor.stop()
  }
})

test('a process that cannot start takes down what ran and says why', async () => {
  const broken = { ...modules, hands: [join(import.meta.dirname, 'fixtures', 'missing.ts')] }

  const start = startSupervisor({ dataDir: data, config, log, modules: broken })

  await expect(start).rejects.toMatchObject({ message: expect.stringContaining('missing.ts') })
  expect(existsSync(join(data, 'state.json'))).toBe(false)
  expect(existsSync(join(data, 'postgres', 'postmaster.pid'))).toBe(false)
})

test(
  'a start that is killed while the database is made leaves nothing in the way of the next',
  async () => {
    const killed = spawn(process.execPath, [join(import.meta.dirname, 'fixtures', 'up.ts'), data], { stdio: 'ignore' })
    started.push(killed)
    await until(databaseIsBeingMade)
    killed.kill('SIGKILL')
    await once(killed, 'close')

    const supervisor = await startSupervisor({ dataDir: data, config, log, modules })

    await supervisor.stop()
    expect(readdirSync(data).filter((name) => name.startsWith('postgres'))).toEqual(['postgres', 'postgres.log'])
  },
  3 * waitSeconds * 1_000,
)

test(
  'Ctrl-C while it starts is answered at once, is no failure, and the next start goes on',
  async () => {
    const file = join(data, 'config.yml')
    writeFileSync(file, 'listen: { address: 127.0.0.1, port: 0 }\n')
    const program = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
    const up = spawn(process.execPath, [program, 'up', '--config', file, '--data', data], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    started.push(up)
    let said = ''
    up.stderr.on('data', (chunk: Buffer) => (said += String(chunk)))
    const closed = once(up, 'close')
    await until(databaseIsBeingMade)
    // As a terminal does: to all that it has started.
    if (up.pid !== undefined) process.kill(-up.pid, 'SIGINT')
    await closed

    expect(said).toContain('Stopping')
    expect(said).not.toMatch(/because|is up|one-time code/)
    expect(up.exitCode).toBe(3)
    expect(existsSync(join(data, 'state.json'))).toBe(false)
    const supervisor = await startSupervisor({ dataDir: data, config, log, modules })
    await supervisor.stop()
  },
  3 * waitSeconds * 1_000,
)

/** Its version is the first thing that it writes. */
function databaseIsBeingMade(): boolean {
  return readdirSync(data).some((name) => name.startsWith('postgres') && existsSync(join(data, name, 'PG_VERSION')))
}

const Given = z.looseObject({
  rows: z.unknown(),
  argv: z.unknown(),
  environment: z.unknown(),
  readKey: z.string(),
  webhook: z.string(),
  modelKey: z.string(),
})

function given(name: string): z.infer<typeof Given> {
  return Given.parse(JSON.parse(readFileSync(join(data, name, 'given.json'), 'utf8')))
}

async function upInAnotherProcess() {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures', 'up.ts'), data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const line = await new Promise<string>((done) => createInterface({ input: child.stdout }).once('line', done))
  const children: Readonly<Record<string, number>> = z.record(z.string(), z.number()).parse(JSON.parse(line))
  return { process: child, children }
}

function isAlive(pid: number | null): boolean {
  return pid !== null && existsSync(`/proc/${pid}`)
}

async function until(holds: () => boolean): Promise<void> {
  for (let left = (waitSeconds * 1_000) / 50; left > 0 && !holds(); left -= 1) await sleep(50)
  expect(holds()).toBe(true)
}
