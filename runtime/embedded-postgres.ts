// PostgreSQL as our child: a private folder, a unix socket, its own account, and fsync before every answer.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { userInfo } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Failure } from '../domain/failure.ts'
import { type Account, type Child, type Exit, endStranger, isAlive, startChild, stopChild } from './child.ts'
import { toolPath } from './tools.ts'

const accountName = 'millwright-db'
const databaseName = 'millwright'
/** Of the process that asks models: what it may touch stands in `store/mind-role.ts`. */
export const mindRole = 'millwright_mind'
const readySeconds = 30
const initialiseSeconds = 180
const stopSeconds = 10
const removeSeconds = 10
const pollMilliseconds = 20
/** The kernel's limit for the path of a socket, less the zero byte. */
const socketPathBytes = 107

const settings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  shared_buffers: '16MB',
  max_wal_size: '256MB',
  max_wal_senders: '0',
  wal_level: 'minimal',
  fsync: 'on',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
} as const

export type EmbeddedPostgres = {
  /** Connection strings of Millwright's own database over the unix socket, for `store/connect.ts`. */
  readonly url: string
  readonly mindUrl: string
  /** For another database of this server. */
  readonly urlFor: (database: string) => string
  readonly pid: number
  /** Resolves when the server has ended, by `stop` or by itself. */
  readonly exited: Promise<Exit>
  /** Ends all sessions and the server; open transactions are rolled back. */
  readonly stop: () => Promise<void>
}

export type PostgresOptions = {
  /** Made on the first start; its parents must be passable for the database's account. */
  readonly dataDir: string
  /** Made 0700; only its owner and root get in. */
  readonly socketDir: string
  /** Folder with `postgres` and `initdb`; default: the one that set-up filled. */
  readonly binaries?: string
  /** Four processes with a pool of twelve fit into the default of 64. */
  readonly maxConnections?: number
}

/**
 * Starts the server and waits until it answers. A server that a killed predecessor left on the same folder is ended
 * first. Throws `setup.missing` when it can't be had, `store.unavailable` when it does not come up.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const places = {
    data: resolve(options.dataDir),
    socket: resolve(options.socketDir),
    binaries: options.binaries ?? dirname(toolPath('postgres')),
    log: `${resolve(options.dataDir)}.log`,
  }
  checkSocketPath(places.socket)
  const account = databaseAccount()
  ownFolder(places.socket, account)
  ownFolder(places.data, account)
  checkPassable(places.data, account)
  await endLeftOver(places.data)
  if (!existsSync(join(places.data, 'PG_VERSION'))) await initialise(places, account)
  writePeerMap(places.data, account)
  const child = await startChild({
    program: join(places.binaries, 'postgres'),
    args: [
      '-D',
      places.data,
      ...settingArgs({
        ...settings,
        max_connections: String(options.maxConnections ?? 64),
        unix_socket_directories: places.socket,
      }),
    ],
    env: {},
    cwd: places.data,
    logFile: places.log,
    deathSignal: 'INT',
    account,
    handOver: false,
  })
  await whenReady(child, places)
  const stop = async (): Promise<void> => void (await stopChild(child, 'SIGINT', stopSeconds))
  const urlFor = (database: string): string => urlOf(places.socket, database)
  const mindUrl = urlOf(places.socket, databaseName, mindRole)
  return { url: urlFor(databaseName), mindUrl, urlFor, pid: child.pid, exited: child.exited, stop }
}

/** Makes a database on a running server unless it is there. */
export async function ensureDatabase(server: Pick<EmbeddedPostgres, 'urlFor'>, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.urlFor('postgres'), connectionTimeoutMillis: 2_000 })
  // A connection that breaks while the server starts is answered by the next attempt.
  client.on('error', () => undefined)
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}

function urlOf(socketDir: string, database: string, role = databaseName): string {
  return `postgresql://${role}@/${database}?host=${encodeURIComponent(socketDir)}`
}

function settingArgs(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) => ['-c', `${key}=${value}`])
}

/** PostgreSQL refuses to run as root; without root it is simply ours. */
function databaseAccount(): Account | null {
  if (process.getuid?.() !== 0) return null
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${accountName}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid === undefined || gid === undefined) {
    throw new Failure({
      code: 'setup.missing',
      message: `The system user ${accountName} is missing; PostgreSQL does not run as root.`,
      hint: 'Type `npx millwright doctor --fix`.',
    })
  }
  return { name: accountName, uid: Number(uid), gid: Number(gid) }
}

function ownFolder(folder: string, account: Account | null): void {
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  chmodSync(folder, 0o700)
  if (account !== null) chownSync(folder, account.uid, account.gid)
}

function checkSocketPath(socketDir: string): void {
  const path = join(socketDir, '.s.PGSQL.5432')
  if (Buffer.byteLength(path) <= socketPathBytes) return
  throw new Failure({
    code: 'config.invalid',
    message: `The path of the database's socket is longer than ${socketPathBytes} bytes: ${path}`,
    hint: 'Choose a shorter data folder with --data DIR.',
  })
}

function checkPassable(folder: string, account: Account | null): void {
  if (account === null) return
  for (let place = dirname(folder); place !== '/'; place = dirname(place)) {
    const { mode, uid, gid } = statSync(place)
    const needed = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & needed) !== 0) continue
    throw new Failure({
      code: 'config.invalid',
      message: `The account ${account.name} may not pass through ${place}, and its database lies below.`,
      hint: `Choose another data folder with --data DIR, or type: chmod o+x ${place}`,
    })
  }
}

/** A supervisor that was killed can leave a server for a moment; two on one folder must never be. */
async function endLeftOver(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  if (!Number.isSafeInteger(pid) || pid <= 1 || !isAlive(pid) || !isServerOf(pid, dataDir)) return
  if (await endStranger(pid, 'SIGINT', stopSeconds)) return
  if (await endStranger(pid, 'SIGQUIT', stopSeconds)) return
  throw new Failure({
    code: 'store.unavailable',
    message: `A PostgreSQL server (process ${pid}) still runs on ${dataDir} and does not end.`,
    hint: `End it with: kill -QUIT ${pid}`,
  })
}

/** The process id in the file may long be somebody else's. */
function isServerOf(pid: number, dataDir: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(dataDir)
  } catch {
    return false
  }
}

type Places = { readonly data: string; readonly binaries: string; readonly log: string }

/** Whoever is killed meanwhile leaves a folder of another name, which the next start removes. */
async function initialise({ data, binaries, log }: Places, account: Account | null): Promise<void> {
  for (const name of readdirSync(dirname(data)))
    if (name.startsWith(`${basename(data)}.`) && name.endsWith('.part')) await remove(join(dirname(data), name))
  const part = `${data}.${process.pid}.part`
  ownFolder(part, account)
  const args = ['-D', part, '-U', databaseName, '--auth-local=peer', '--auth-host=reject', '--encoding=UTF8']
  const locale = ['--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const child = await startChild({
    program: join(binaries, 'initdb'),
    args: [...args, ...locale],
    env: {},
    cwd: part,
    logFile: log,
    deathSignal: 'KILL',
    account,
    handOver: false,
  })
  const timer = setTimeout(() => child.process.kill('SIGTERM'), initialiseSeconds * 1_000)
  const { code } = await child.exited
  clearTimeout(timer)
  if (code !== 0) {
    throw new Failure({
      code: 'store.unavailable',
      message: `The database's folder ${data} can't be initialised.`,
      hint: `The words of initdb are in ${log}.`,
    })
  }
  renameSync(part, data)
}

/** What a killed initdb had started works on by itself, and would make anew what is removed under it. */
async function remove(folder: string): Promise<void> {
  for (let left = (removeSeconds * 1_000) / pollMilliseconds; left > 0; left -= 1) {
    const workers = workingIn(folder)
    for (const pid of workers) await endStranger(pid, 'SIGKILL', removeSeconds)
    rmSync(folder, { recursive: true, force: true })
    if (workers.length === 0 && !existsSync(folder)) return
    await sleep(pollMilliseconds)
  }
}

/** Ids of the processes that stand in a folder, also once it is removed. */
function workingIn(folder: string): readonly number[] {
  const ids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return ids.filter((id) => {
    try {
      const place = readlinkSync(`/proc/${id}/cwd`)
      return place === folder || place === `${folder} (deleted)`
    } catch {
      return false
    }
  })
}

/** Only our own system user gets in; there is no password to lose. */
function writePeerMap(dataDir: string, account: Account | null): void {
  const files = {
    'pg_hba.conf': `local all ${databaseName},${mindRole} peer map=ours\n`,
    'pg_ident.conf': [databaseName, mindRole].map((role) => `ours ${userInfo().username} ${role}\n`).join(''),
  }
  for (const [name, text] of Object.entries(files)) {
    const file = join(dataDir, name)
    writeFileSync(file, text, { mode: 0o600 })
    if (account !== null) chownSync(file, account.uid, account.gid)
  }
}

async function whenReady(child: Child, places: { socket: string; log: string }): Promise<void> {
  const until = Date.now() + readySeconds * 1_000
  let ended: Exit | null = null
  void child.exited.then((exit) => (ended = exit))
  let cause: unknown = null
  while (ended === null && Date.now() < until) {
    try {
      await ensureDatabase({ urlFor: (database) => urlOf(places.socket, database) }, databaseName)
      return
    } catch (error) {
      cause = error
      await sleep(pollMilliseconds)
    }
  }
  if (ended === null) await stopChild(child, 'SIGINT', stopSeconds)
  throw new Failure({
    code: 'store.unavailable',
    message: ended === null ? 'PostgreSQL does not answer.' : 'PostgreSQL ended right after its start.',
    hint: `Its own words are in ${places.log}.`,
    cause,
  })
}
