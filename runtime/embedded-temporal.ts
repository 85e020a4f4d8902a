// Temporal for a single machine: somebody's server when TEMPORAL_ADDRESS names one, else a development server as our
// child.
import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Failure } from '../domain/failure.ts'
import { type Child, type Exit, startChild, stopChild } from './child.ts'
import { temporalAddress } from './secrets.ts'
import { toolPath } from './tools.ts'

const run = promisify(execFile)
const namespace = 'default'
const readySeconds = 60
const stopSeconds = 10
/** How long closed workflows can be looked at; incidents themselves stand in SQL for longer. */
const retention = '30d'

export type EmbeddedTemporal = {
  readonly address: string
  readonly namespace: string
  /** Null when the server is not ours. */
  readonly pid: number | null
  /** Resolves when our child has ended; never for a server that is not ours. */
  readonly exited: Promise<Exit>
  readonly stop: () => Promise<void>
}

export type TemporalOptions = {
  readonly dataDir: string
  /** Default: a free one. A server that is started again keeps the address that others know. */
  readonly port?: number
  /** Limits of the server itself by their name; default: the server's own. */
  readonly limits?: Readonly<Record<string, number>>
}

/**
 * Starts the server and waits until it answers. Histories lie in a file per version of the server, since a newer
 * one never migrates an older one's file. Whoever is killed while the server makes its file leaves one that it can't
 * read: the next start makes it anew, for nothing was ever kept in it.
 * Throws `setup.missing` when it can't be had, `upstream.unavailable` when it does not answer in time.
 */
export async function startTemporal(options: TemporalOptions): Promise<EmbeddedTemporal> {
  const given = temporalAddress()
  if (given !== null) return somebodysServer(given)
  const program = toolPath('temporal')
  const dataDir = resolve(options.dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const version = await versionOf(program)
  const port = options.port ?? (await freePort())
  const address = `127.0.0.1:${port}`
  const log = join(dataDir, 'temporal.log')
  const file = join(dataDir, `temporal-${version}.sqlite`)
  const unfinished = `${file}.unfinished`
  if (existsSync(unfinished)) for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
  if (!existsSync(file)) writeFileSync(unfinished, '')
  const child = await startChild({
    program,
    args: [...serverArgs({ file, port }), ...limitArgs(options.limits)],
    // Its command line looks for a config file in the home folder.
    env: { HOME: dataDir },
    cwd: dataDir,
    logFile: log,
    deathSignal: 'KILL',
    account: null,
    handOver: false,
  })
  await whenReady(child, { address, program, log })
  rmSync(unfinished, { force: true })
  const stop = async (): Promise<void> => {
    await stopChild(child, 'SIGTERM', stopSeconds)
  }
  return { address, namespace, pid: child.pid, exited: child.exited, stop }
}

async function somebodysServer(given: { readonly address: string; readonly namespace: string }) {
  const never = new Promise<Exit>(() => undefined)
  await whenListening(given.address, () => false)
  return { ...given, pid: null, exited: never, stop: () => Promise.resolve() }
}

function serverArgs({ file, port }: { readonly file: string; readonly port: number }): readonly string[] {
  return [
    'server',
    'start-dev',
    '--headless',
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--db-filename',
    file,
    '--sqlite-pragma',
    'journal_mode=WAL',
    '--sqlite-pragma',
    'synchronous=NORMAL',
    '--log-level',
    'warn',
  ]
}

function limitArgs(limits: TemporalOptions['limits'] = {}): readonly string[] {
  return Object.entries(limits).flatMap(([name, value]) => ['--dynamic-config-value', `${name}=${value}`])
}

/** Of its command line and of the server in it. */
async function versionOf(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version'], { timeout: 10_000 })
  return (
    stdout
      .match(/\d+\.\d+\.\d+/g)
      ?.slice(0, 2)
      .join('-') ?? 'unknown'
  )
}

/** Below the range from which the system gives a port to every outgoing connection. */
const quietPorts = { lowest: 20_000, highest: 32_000 } as const
const portTries = 20

/**
 * One that nobody listens on, and that no outgoing connection takes either before it is used or between two starts of
 * whoever has it. Another who asks may be given the same; then the start fails loudly.
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < portTries; tried += 1) {
    const port = randomInt(quietPorts.lowest, quietPorts.highest)
    if (await isFree(port)) return port
  }
  throw new Failure({
    code: 'setup.in-use',
    message: `No free port was found between ${quietPorts.lowest} and ${quietPorts.highest}.`,
    hint: 'See who listens with: ss -ltn',
  })
}

function isFree(port: number): Promise<boolean> {
  return new Promise((tell) => {
    const probe = createServer()
    probe.once('error', () => tell(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => tell(true)))
  })
}

async function whenReady(child: Child, server: { address: string; program: string; log: string }): Promise<void> {
  let ended: Exit | null = null
  void child.exited.then((exit) => (ended = exit))
  const isEnded = (): boolean => ended !== null
  try {
    await whenListening(server.address, isEnded)
    await keepHistories(server, isEnded)
  } catch (error) {
    await stopChild(child, 'SIGTERM', stopSeconds)
    throw error
  }
}

/** UpdateNamespace through its own command line; the default of one day loses what happened on a Friday. */
async function keepHistories(server: { address: string; program: string }, isEnded: () => boolean): Promise<void> {
  const args = ['operator', 'namespace', 'update', '--namespace', namespace, '--retention', retention]
  await untilDone(`Temporal at ${server.address} does not take its settings`, isEnded, async () => {
    await run(server.program, [...args, '--address', server.address], {
      timeout: 20_000,
      env: { HOME: '/nonexistent' },
    })
  })
}

async function whenListening(address: string, isEnded: () => boolean): Promise<void> {
  const [host = '', port = ''] = address.split(/:(?=\d+$)/)
  await untilDone(`Temporal at ${address} does not answer`, isEnded, async () => {
    const socket = connect({ host, port: Number(port), timeout: 1_000 })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('timeout', () => reject(new Error('no answer within 1 s')))
      socket.once('error', reject)
    }).finally(() => socket.destroy())
  })
}

async function untilDone(otherwise: string, isEnded: () => boolean, attempt: () => Promise<void>): Promise<void> {
  const until = Date.now() + readySeconds * 1_000
  let cause: unknown = null
  while (Date.now() < until && !isEnded()) {
    try {
      await attempt()
      return
    } catch (error) {
      cause = error
      await sleep(20)
    }
  }
  throw new Failure({
    code: 'upstream.unavailable',
    message: isEnded()
      ? 'The embedded Temporal server ended right after its start.'
      : `${otherwise} within ${readySeconds} s.`,
    hint: 'Check TEMPORAL_ADDRESS if it is set; otherwise look into temporal.log in the data folder.',
    cause,
  })
}
