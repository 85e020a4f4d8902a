// The data folder: who owns it, where things lie in it, and what a start that was killed left behind.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import { endStranger } from './child.ts'
import { shutdownSeconds } from './process.ts'

const Member = z.strictObject({ name: z.string(), pid: z.int(), started: z.string() })

/** What the running supervisor writes down after every change, for the next start and for commands. */
const State = z.strictObject({
  version: z.literal(1),
  supervisor: Member,
  /** How people reach the pages. */
  url: z.string(),
  children: z.array(Member),
})
export type State = z.infer<typeof State>
export type Member = z.infer<typeof Member>

export type DataFolder = {
  readonly root: string
  readonly postgres: string
  readonly postgresSocket: string
  readonly temporal: string
  readonly logs: string
  /** Of one process, 0700. */
  readonly privateOf: (process: string) => string
  /** Address and token for the commands of the local user, 0600. */
  readonly cliToken: string
  /** What everything is sealed with that Temporal keeps, 0600. */
  readonly payloadKey: string
  readonly state: string
}

/** `--data DIR`, or the system's place for root and the user's own for everybody else. */
export function dataFolder(given: string | undefined): DataFolder {
  const root = resolve(
    given ?? (process.getuid?.() === 0 ? '/var/lib/millwright' : join(homedir(), '.local/share/millwright')),
  )
  return {
    root,
    postgres: join(root, 'postgres'),
    postgresSocket: join(root, 'socket'),
    temporal: join(root, 'temporal'),
    logs: join(root, 'logs'),
    privateOf: (process) => join(root, process),
    cliToken: join(root, 'cli.token'),
    payloadKey: join(root, 'payload.key'),
    state: join(root, 'state.json'),
  }
}

/**
 * Makes the folder and takes it for this process; the kernel gives it back when we end, however that happens.
 * Throws `run.refused` naming the process that has it.
 */
export async function takeFolder(folder: DataFolder): Promise<{ readonly release: () => Promise<void> }> {
  mkdirSync(folder.root, { recursive: true, mode: 0o711 })
  // The database's own account passes through here to its folder.
  chmodSync(folder.root, 0o711)
  mkdirSync(folder.logs, { recursive: true, mode: 0o700 })
  const server = await listenOn(lockName(folder.root))
  if (server !== null) return { release: () => new Promise((done) => server.close(() => done())) }
  const first = readState(folder)
  const who = first === null ? 'Another process' : `Process ${first.supervisor.pid} (${first.url})`
  throw new Failure({
    code: 'setup.in-use',
    message: `${who} already runs Millwright on ${folder.root}.`,
    hint: first === null ? 'Name another folder with --data DIR.' : `Stop it with: kill ${first.supervisor.pid}`,
  })
}

/** Null when there is none, or none that can be understood. */
export function readState(folder: DataFolder): State | null {
  if (!existsSync(folder.state)) return null
  try {
    return State.parse(JSON.parse(readFileSync(folder.state, 'utf8')))
  } catch {
    return null
  }
}

export function writeState(folder: DataFolder, state: State): void {
  writePrivate(folder.state, `${JSON.stringify(state, null, 2)}\n`)
}

/** A file that appears complete or not at all, 0600. */
export function writePrivate(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.part`
  writeFileSync(temporary, text, { mode: 0o600 })
  renameSync(temporary, file)
}

export function forget(file: string): void {
  rmSync(file, { force: true })
}

/** Ends what a supervisor that was killed left; most of it the kernel has ended already. Answers the names. */
export async function endLeftOvers(folder: DataFolder): Promise<readonly string[]> {
  const left = (readState(folder)?.children ?? []).filter(({ pid, started }) => startOf(pid) === started)
  for (const { name, pid } of left) {
    if (await endStranger(pid, 'SIGTERM', shutdownSeconds)) continue
    if (await endStranger(pid, 'SIGKILL', shutdownSeconds)) continue
    throw new Failure({
      code: 'setup.in-use',
      message: `The process ${name} (${pid}) of a start before this one does not end.`,
      hint: `End it with: kill -KILL ${pid}`,
    })
  }
  return left.map(({ name }) => name)
}

/** A process as the state file names it: the id alone may belong to somebody else later. */
export function member(name: string, pid: number): Member {
  return { name, pid, started: startOf(pid) ?? '' }
}

/** The kernel's start time of a process, in ticks since boot; null when there is none of that id. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

function lockName(root: string): string {
  return `\0millwright-${createHash('sha256').update(realpathSync(root)).digest('hex')}`
}

/** A name in the kernel's own table instead of a file: nothing stale can be left. Null when it is taken. */
function listenOn(name: string): Promise<Server | null> {
  return new Promise((done, failed) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? done(null) : failed(error)))
    server.listen(name, () => done(server.unref()))
  })
}
