// PostgreSQL as our child process: a real server, its own unprivileged user, a unix socket in a private folder, fsync on, no TCP.
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { Failure } from '../domain/failure.ts'

/** The system user that runs the server when we are root: the server refuses to be root itself. */
export const databaseUser = 'millwright-db'

/** The database role that everything connects as; whoever may open the socket's folder may be it. */
const role = 'millwright'

const startSeconds = 30
const stopSeconds = 10
const logLines = 20

export type PostgresOptions = {
  /** Folder that holds `bin/postgres` and `bin/initdb`, readable by the server's user. */
  readonly binaries: string
  /** Made when it is missing; holds `data` and `socket`, both 0700. At most 80 characters: a socket's path is short. */
  readonly folder: string
  readonly maxConnections?: number
  /** One line of the server's log. */
  readonly log?: (line: string) => void
}

export type EmbeddedPostgres = {
  readonly pid: number
  /** The connection string of a database on this server. */
  readonly url: (database: string) => string
  /** Settles when the server ended, asked or not. */
  readonly ended: Promise<void>
  /** Asks for a fast shutdown; kills after `stopSeconds`. */
  readonly stop: () => Promise<void>
}

/** Makes the data folder once, starts the server, answers when it takes connections. Throws `setup.missing` and `store.unavailable`. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const owner = serverUser()
  const data = join(options.folder, 'data')
  const socket = join(options.folder, 'socket')
  for (const folder of [options.folder, data, socket]) makePrivate(folder, owner)
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(options, data, owner)
  const child = run(options, 'postgres', serverArguments(data, socket, options.maxConnections ?? 100), owner)
  const tail = followLog(child, options.log)
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  const url = (database: string) => `postgresql://${role}@/${database}?host=${encodeURIComponent(socket)}`
  try {
    await takesConnections(url('postgres'), child)
  } catch (cause) {
    child.kill('SIGKILL')
    await ended
    throw cannotStart(tail, cause)
  }
  return { pid: child.pid ?? 0, url, ended, stop: () => stop(child, ended) }
}

/** Makes a database unless it is there. `template`: the database it is copied from. */
export async function ensureDatabase(server: EmbeddedPostgres, name: string, template?: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url('postgres') })
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount !== 0) return
    const from = template === undefined ? '' : ` template ${client.escapeIdentifier(template)}`
    await client.query(`create database ${client.escapeIdentifier(name)}${from}`)
  } finally {
    await client.end()
  }
}

type Owner = { readonly uid: number; readonly gid: number } | null

/** Null: we are not root, so the server runs as whoever we are. */
function serverUser(): Owner {
  if (process.getuid?.() !== 0) return null
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${databaseUser}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid === undefined || gid === undefined) {
    throw new Failure({
      code: 'setup.missing',
      message: `The system user ${databaseUser}, who runs the database, does not exist.`,
      hint: 'npx millwright doctor --fix adds it.',
    })
  }
  return { uid: Number(uid), gid: Number(gid) }
}

function makePrivate(folder: string, owner: Owner): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  if (owner !== null) chownSync(folder, owner.uid, owner.gid)
}

function run(options: PostgresOptions, program: 'postgres' | 'initdb', args: readonly string[], owner: Owner): ChildProcess {
  const path = join(options.binaries, 'bin', program)
  if (!existsSync(path)) {
    throw new Failure({
      code: 'setup.missing',
      message: `${path} is missing.`,
      hint: 'npx millwright doctor --fix puts PostgreSQL in place.',
    })
  }
  const identity = owner === null ? [] : [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups']
  // INT is PostgreSQL's fast shutdown: the server ends with us even when we are killed.
  return spawn('/usr/bin/setpriv', [...identity, '--pdeathsig', 'INT', '--', path, ...args], {
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function initialise(options: PostgresOptions, data: string, owner: Owner): Promise<void> {
  const args = ['-D', data, '-U', role, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-instructions']
  const child = run(options, 'initdb', args, owner)
  const tail = followLog(child, options.log)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', reject)
  })
  if (code !== 0) throw cannotStart(tail, new Error(`initdb ended with ${code}`))
}

function serverArguments(data: string, socket: string, maxConnections: number): readonly string[] {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    max_connections: String(maxConnections),
    shared_buffers: '16MB',
    fsync: 'on',
    synchronous_commit: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
  }
  return ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])]
}

function followLog(child: ChildProcess, log: PostgresOptions['log']): readonly string[] {
  const tail: string[] = []
  const take = (chunk: Buffer) => {
    for (const line of chunk.toString('utf8').split('\n').filter(Boolean)) {
      log?.(line)
      tail.push(line)
      if (tail.length > logLines) tail.shift()
    }
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  return tail
}

async function takesConnections(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + startSeconds * 1_000
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
    const problem = await client.connect().then(
      () => null,
      (error: unknown) => error,
    )
    await client.end().catch(() => undefined)
    if (problem === null) return
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > until) throw problem
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopSeconds * 1_000)
  await ended
  clearTimeout(timer)
}

function cannotStart(tail: readonly string[], cause: unknown): Failure {
  return new Failure({
    code: 'store.unavailable',
    message: `The embedded database did not start. Its last words: ${tail.join(' | ') || 'none'}`,
    hint: 'Free some disk space or memory where it lies, or remove its folder if its content may be lost.',
    cause,
  })
}
