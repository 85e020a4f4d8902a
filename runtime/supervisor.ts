// `millwright up`: starts the database, Temporal and our processes, keeps them running, and takes all of them down
// again.
import { join, resolve } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import {
  type DataFolder,
  dataFolder,
  endLeftOvers,
  forget,
  member,
  takeFolder,
  writePrivate,
  writeState,
} from './data-folder.ts'
import { type EmbeddedPostgres, startPostgres } from './embedded-postgres.ts'
import { freePort, startTemporal } from './embedded-temporal.ts'
import type { HandOver } from './hand-over.ts'
import { type Kept, keepRunning, type Startable } from './keep-running.ts'
import { type NodeProcess, startNodeProcess } from './node-process.ts'
import { withPayloadKey } from './payload-key.ts'
import { publicUrl } from './public-url.ts'
import { type ProcessName, secretsFor } from './secret-shares.ts'

const root = join(import.meta.dirname, '..')

/** By process, in the order of their start. */
const ownModules: Modules = {
  prepare: ['workers/prepare.ts'],
  control: ['gateway/main.ts', 'workers/control.ts'],
  hands: ['workers/hands.ts'],
  mind: ['workers/mind.ts'],
}

/** Runs after the preparation where somebody says that the database comes from a backup. */
const afterRestoring = 'workers/restored.ts'

/** Process ids by name; null for a Temporal server that is not ours. */
export type Children = Readonly<Record<string, number | null>>

export type Supervisor = {
  /** How people reach the pages. */
  readonly url: string
  /** For people: what runs. */
  readonly says: readonly string[]
  /** For the login form, once, within ten minutes. */
  readonly loginCode: string
  readonly folder: DataFolder
  readonly children: () => Children
  /** Lets our processes read inventory, policies and catalogue again. */
  readonly reload: () => void
  /** Ends everything, in reverse order. */
  readonly stop: () => Promise<void>
}

type Modules = Readonly<Record<ProcessName, readonly string[]>>

export type SupervisorOptions = {
  readonly dataDir: string | undefined
  readonly config: Config
  readonly log: Logger
  /** Paths from the clone, or absolute; default: ours. */
  readonly modules?: Modules
  /** The database comes from a backup: all changes are stopped, and no earlier fence is used again. */
  readonly restored?: boolean | undefined
  /** Ends the start before its next step; what was begun is finished and taken down. */
  readonly ended?: AbortSignal | undefined
}

/**
 * Starts everything, then answers. Throws `setup.in-use` when another supervisor has the folder, and otherwise the
 * first fault of the start, or why it was ended, after taking down what ran by then.
 */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { dataDir, log, restored = false, ended } = options
  const modules = modulesOf(options.modules ?? ownModules, restored)
  const folder = dataFolder(dataDir)
  const lock = takeFolder(folder)
  const kept: Kept<Startable>[] = []
  const stop = async (): Promise<void> => {
    for (const one of kept.toReversed()) await one.stop()
    for (const file of [folder.cliToken, folder.state]) forget(file)
    lock.release()
  }
  try {
    for (const name of await endLeftOvers(folder)) log.warn({ child: name }, `Ended ${name}, left by a killed start.`)
    const config = await withAddress(withPayloadKey(options.config, folder.payloadKey))
    const children = (): Children => Object.fromEntries(kept.map((one) => [one.name, one.now().pid]))
    const started = await startAll({ folder, config, log, kept, modules, ended })
    return { ...started, url: config.url, folder, children, reload: () => reload(children()), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function modulesOf(modules: Modules, restored: boolean): Modules {
  return restored ? { ...modules, prepare: [...modules.prepare, afterRestoring] } : modules
}

function reload({ control = null, hands = null }: Children): void {
  for (const pid of [control, hands]) if (pid !== null) process.kill(pid, 'SIGHUP')
}

type Parts = {
  readonly folder: DataFolder
  readonly config: Config & { readonly url: string }
  readonly log: Logger
  readonly kept: Kept<Startable>[]
  readonly modules: Modules
  readonly ended: AbortSignal | undefined
}

async function startAll(parts: Parts): Promise<Pick<Supervisor, 'says' | 'loginCode'>> {
  const { folder, config } = parts
  const port = await freePort()
  const [[database, tells], temporal] = await all([
    startDatabase(parts),
    keep(parts, 'temporal', () => startTemporal({ dataDir: folder.temporal, port })),
  ])
  const { address, namespace } = temporal.now()
  const started = await all(
    runningFor(config).map((name) => {
      const databaseUrl = name === 'mind' ? database.mindUrl : database.url
      const given = { config, databaseUrl, temporal: { address, namespace } }
      return keep(parts, name, () => startProcess(parts, name, given))
    }),
  )
  parts.ended?.throwIfAborted()
  const { loginCode = '', token = '' } = tells
  writePrivate(folder.cliToken, `${JSON.stringify({ url: config.url, token })}\n`)
  return { says: started.flatMap((one) => one.now().says), loginCode }
}

/** Where no model is configured there is nobody to ask, and a process less. */
function runningFor(config: Config): readonly ProcessName[] {
  return config.models === undefined ? ['control', 'hands'] : ['control', 'hands', 'mind']
}

/** Waits for all, also when one fails: what runs by then has to be known before it can be taken down. */
async function all<const Parts extends readonly Promise<unknown>[]>(parts: Parts) {
  await Promise.allSettled(parts)
  return Promise.all(parts)
}

/** The database with its tables, and what the preparation tells: a login code and the local user's token. */
async function startDatabase(parts: Parts): Promise<readonly [EmbeddedPostgres, NodeProcess['tells']]> {
  const { folder, config } = parts
  const places = { dataDir: folder.postgres, socketDir: folder.postgresSocket }
  const postgres = await keep(parts, 'postgres', () => startPostgres(places))
  const given = { config, databaseUrl: postgres.now().url, temporal: { address: '', namespace: '' } }
  parts.ended?.throwIfAborted()
  const prepared = await startProcess(parts, 'prepare', given)
  await prepared.stop()
  return [postgres.now(), prepared.tells]
}

async function keep<T extends Startable>(parts: Parts, name: string, start: () => Promise<T>): Promise<Kept<T>> {
  parts.ended?.throwIfAborted()
  const changed = (): void => writeDown(parts)
  const one = await keepRunning({ name, start, log: parts.log, changed })
  parts.kept.push(one)
  changed()
  parts.log.info({ child: name, pid: one.now().pid }, `${name} runs`)
  return one
}

type Given = Pick<HandOver, 'config' | 'databaseUrl' | 'temporal'>

function startProcess({ folder, modules }: Parts, name: ProcessName, given: Given): Promise<NodeProcess> {
  const handOver = {
    ...given,
    name,
    modules: modules[name].map((path) => resolve(root, path)),
    privateDir: folder.privateOf(name),
    secrets: secretsFor(name, given.config),
  }
  return startNodeProcess(handOver, join(folder.logs, `${name}.log`))
}

function writeDown({ folder, config, kept }: Parts): void {
  const children = kept.flatMap((one) => {
    const { pid } = one.now()
    return pid === null ? [] : [member(one.name, pid)]
  })
  writeState(folder, { version: 1, supervisor: member('up', process.pid), url: config.url, children })
}

/** Port 0 becomes a free one here, and the address of the pages is written out: everybody is told the same. */
export async function withAddress(config: Config): Promise<Parts['config']> {
  const port = config.listen.port === 0 ? await freePort() : config.listen.port
  const listen = { ...config.listen, port }
  return { ...config, listen, url: publicUrl({ ...config, listen }) }
}
