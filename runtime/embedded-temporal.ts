// Temporal for a single machine: somebody's server when TEMPORAL_ADDRESS names one, else a development server as our child.
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { Failure } from '../domain/failure.ts'
import { type Child, type Exit, startChild, stopChild } from './child.ts'
import { temporalAddress } from './secrets.ts'
import { toolPath } from './tools.ts'

const run = promisify(execFile)
const namespace = 'default'
const readySeconds = 30
const stopSeconds = 10
/** How long closed workflows can be looked at; incidents themselves stand in SQL for longer. */
const retention = '30 days'

export type EmbeddedTemporal = {
  readonly address: string
  readonly namespace: string
  /** Null when the server is not ours. */
  readonly pid: number | null
  /** Resolves when our child has ended; never for a server that is not ours. */
  readonly exited: Promise<Exit>
  readonly stop: () => Promise<void>
}

/**
 * Starts the server and waits until it answers. Histories lie in a file per version of the server, since a newer
 * one never migrates an older one's file.
 * Throws `setup.missing` when it can't be had, `upstream.unavailable` when it does not answer in time.
 */
export async function startTemporal(options: { readonly dataDir: string }): Promise<EmbeddedTemporal> {
  const given = temporalAddress()
  if (given !== null) return somebodysServer(given)
  const program = toolPath('temporal')
  const dataDir = resolve(options.dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const version = await versionOf(program)
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const log = join(dataDir, 'temporal.log')
  const child = await startChild({
    program,
    args: serverArgs({ file: join(dataDir, `temporal-${version}.sqlite`), port }),
    // Its command line looks for a config file in the home folder.
    env: { HOME: dataDir },
    cwd: dataDir,
    logFile: log,
    deathSignal: 'KILL',
    account: null,
    handOver: false,
  })
  await whenReady(child, address, log)
  const stop = async (): Promise<void> => {
    await stopChild(child, 'SIGTERM', stopSeconds)
  }
  return { address, namespace, pid: child.pid, exited: child.exited, stop }
}

async function somebodysServer(given: { readonly address: string; readonly namespace: string }) {
  const never = new Promise<Exit>(() => undefined)
  await ask(given.address, async () => undefined, readySeconds)
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

/** The system chooses one that nobody listens on; between asking and using it another could take it, then the start fails loudly. */
function freePort(): Promise<number> {
  return new Promise((found, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => found(port))
    })
  })
}

async function whenReady(child: Child, address: string, log: string): Promise<void> {
  const controller = new AbortController()
  const ended = child.exited.then((exit) => {
    controller.abort()
    throw new Failure({
      code: 'upstream.unavailable',
      message: `The embedded Temporal server ended right after its start (code ${exit.code ?? exit.signal}).`,
      hint: `Its own words are in ${log}.`,
    })
  })
  try {
    await Promise.race([ask(address, keepHistories, readySeconds, controller.signal), ended])
  } catch (error) {
    await stopChild(child, 'SIGTERM', stopSeconds)
    throw error
  } finally {
    ended.catch(() => undefined)
  }
}

/** Its default of one day loses what happened on a Friday. */
async function keepHistories(connection: Connection): Promise<void> {
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: msToTs(retention) },
  })
}

async function ask(
  address: string,
  question: (connection: Connection) => Promise<void>,
  seconds: number,
  signal?: AbortSignal,
): Promise<void> {
  const until = Date.now() + seconds * 1_000
  let cause: unknown = null
  while (Date.now() < until && signal?.aborted !== true) {
    const connection = Connection.lazy({ address, connectTimeout: 1_000 })
    try {
      await connection.withDeadline(Date.now() + 2_000, async () => {
        await connection.workflowService.describeNamespace({ namespace })
        await question(connection)
      })
      return
    } catch (error) {
      cause = error
      await sleep(50)
    } finally {
      await connection.close()
    }
  }
  throw new Failure({
    code: 'upstream.unavailable',
    message: `Temporal at ${address} does not answer within ${seconds} s.`,
    hint: 'Check TEMPORAL_ADDRESS if it is set; otherwise look into temporal.log in the data folder.',
    cause,
  })
}
