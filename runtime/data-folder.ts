// The data folder: who owns it, where things lie in it, and what a start that was killed left behind.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import { endStranger } from './child.ts'
import { shutdownSeconds } from './process.ts'
import { dataFromEnvironment } from './secrets.ts'

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

/** `--data DIR`, or MILLWRIGHT_DATA, or the system's place for root and the user's own for everybody else. */
export function dataFolder(given: string | undefined): DataFolder {
  const root = resolve(
    given ??
      dataFromEnvironment() ??
      (process.getuid?.() === 0 ? '/var/lib/millwright' : join(homedir(), '.local/share/millwright')),
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
 * Throws `setup.in-use` naming the process that has it.
 */
export function takeFolder(folder: DataFolder): { readonly release: () => void } {
  mkdirSync(folder.root, { recursive: true, mode: 0o711 })
  // The database's own account passes through here to its folder.
  chmodSync(folder.root, 0o711)
  mkdirSync(folder.logs, { recursive: true, mode: 0o700 })
  const lock = lockOn(join(folder.root, 'lock'))
  if (lock !== null) return { release: () => closeSync(lock) }
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

/** `flock`'s own word for a lock that somebody else holds. */
const conflict = 75

/**
 * An open file whose lock is ours until it is closed. Nobody else can open it, so nobody else can hold it; a file
 * that a killed start left holds nothing. Null when another process of ours has it.
 */
function lockOn(path: string): number | null {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants
  const file = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
  // The lock belongs to the open file that both share, and stays when the program ends.
  const options = ['--exclusive', '--nonblock', '--conflict-exit-code', String(conflict), '3']
  const { status } = spawnSync('flock', options, { stdio: ['ignore', 'ignore', 'ignore', file] })
  if (status === 0) return file
  closeSync(file)
  if (status === conflict) return null
  throw new Failure({ code: 'setup.missing', message: `${path} can't be locked.`, hint: 'Install util-linux.' })
}
