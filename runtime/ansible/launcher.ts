// Starting Ansible for one run. The contract has two drivers: this spawned one, and a warm parent that forks.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { z } from 'zod'
import { Failure } from '../../domain/failure.ts'
import { toolPath } from '../tools.ts'
import { entryOf } from './control-group.ts'
import { controllerPython } from './frame.ts'
import { Statistics } from './judge.ts'
import { eachLine } from './lines.ts'
import { inFolder, type RunFolder } from './run-folder.ts'

/** One thing that happened, as pages show it. Texts are at most 2,000 characters and not yet redacted. */
export const RunEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('task'), task: z.string() }),
  z.object({
    kind: z.enum(['ok', 'skipped', 'failed', 'unreachable', 'ignored']),
    task: z.string(),
    changed: z.boolean(),
    says: z.string().optional(),
  }),
  Statistics.extend({ kind: z.literal('stats') }),
])
export type RunEvent = z.output<typeof RunEvent>

export type LaunchRequest = {
  readonly folder: RunFolder
  /** Which play of the folder. */
  readonly play: 'playbook.yml' | 'undo.yml'
  /** OpenSSH arguments of the door's connection. */
  readonly sshArguments: readonly string[]
  readonly onEvent: (event: RunEvent) => void
}

export type Launched = {
  /** Lets the first task begin. Until then nothing has reached the host. */
  readonly go: () => void
  /** Resolves once the process has ended and every event of it was given out. */
  readonly ended: Promise<void>
  /** What it complained about last; for people, proves nothing. Readable until the folder is removed. */
  readonly complaint: () => string
  /**
   * Asks it to end, kills it after five seconds, and resolves when it is gone. What it started is ended with the
   * control group.
   */
  readonly stop: () => Promise<void>
}

/** Starts Ansible inside the folder's control group; it waits there for `go`. Throws `setup.missing`. */
export type Launch = (request: LaunchRequest) => Launched

/** More events than this are not given out: a playbook has at most 20 tasks. */
const maximumEvents = 2_000
const longestEventBytes = 64 * 1024
const stderrBytes = 4_000
const graceMilliseconds = 5_000

/** Starts one `ansible-playbook` per run. */
export const launchSpawned: Launch = ({ folder, play, sshArguments, onEvent }) => {
  const program = toolPath('ansible-playbook')
  const stdout = openSync(join(folder.path, inFolder.stdout), 'w', 0o600)
  const stderr = openSync(join(folder.path, inFolder.stderr), 'w', 0o600)
  try {
    const child = spawn(
      interpreterOf(program),
      ['-I', join(controllerPython, 'launch.py'), entryOf(folder.group), program, ...playArguments(sshArguments, play)],
      {
        cwd: folder.path,
        env: environment(folder),
        detached: true,
        stdio: ['ignore', stdout, stderr, 'pipe', folder.record],
      },
    )
    return followed(child, folder, onEvent)
  } finally {
    closeSync(stdout)
    closeSync(stderr)
  }
}

function playArguments(sshArguments: readonly string[], play: string): readonly string[] {
  const data = ['--inventory', inFolder.inventory, '--extra-vars', `@${inFolder.vars}`]
  return [...data, '--ssh-common-args', sshArguments.join(' '), '--', join('playbook', play)]
}

function followed(child: ChildProcess, folder: RunFolder, onEvent: (event: RunEvent) => void): Launched {
  const events = duplexOf(child)
  let given = 0
  const read = eachLine(events, longestEventBytes, (line) => {
    const event = RunEvent.safeParse(parsed(line))
    given += 1
    if (event.success && given <= maximumEvents) onEvent(event.data)
  })
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  const ended = Promise.all([exited, read]).then(() => undefined)
  const complaint = () => readFileSync(join(folder.path, inFolder.stderr), 'utf8').slice(-stderrBytes)
  // Ansible may be gone before it is told to go; how it ended says why.
  events.on('error', () => undefined)
  return { go: () => void events.write('g'), ended, complaint, stop: () => stop(child, exited) }
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds)
  await exited
  clearTimeout(timer)
}

function environment(folder: RunFolder): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    HOME: folder.path,
    TMPDIR: join(folder.path, 'tmp'),
    ANSIBLE_CONFIG: join(folder.path, inFolder.config),
    ANSIBLE_HOME: join(folder.path, 'tmp'),
  }
}

/** The Python that the program itself names: the private environment's, or Debian's. */
function interpreterOf(program: string): string {
  const interpreter = /^#!(\/\S+)\n/.exec(readFileSync(program, 'utf8').slice(0, 512))?.[1]
  if (interpreter !== undefined) return interpreter
  throw new Failure({
    code: 'setup.missing',
    message: `${program} does not name the Python it runs with.`,
    hint: 'Type `npx millwright doctor --fix`.',
  })
}

function duplexOf(child: ChildProcess): Duplex {
  const stream = child.stdio[3]
  if (stream instanceof Duplex) return stream
  throw new Failure({ code: 'bug', message: 'Ansible was started without its descriptor for events.' })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // A line cut off by the end of the process; the statistics decide.
    return null
  }
}
