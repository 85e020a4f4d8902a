// Starting Ansible for one run: the contract, and what both drivers share. `launch-spawned.ts` starts a program of its
// own for each run, `launch-warm.ts` forks from a parent that has imported Ansible; both give the same events and end.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { Failure } from '../../domain/failure.ts'
import { touchKinds } from '../../domain/touch.ts'
import { Statistics } from './judge.ts'
import { eachLine } from './lines.ts'
import { inFolder, type RunFolder } from './run-folder.ts'

/** Something that a module would change; `unnamed`: it can't be told what, so nothing allows it. */
const Would = z.strictObject({ kind: z.enum([...touchKinds, 'unnamed']), name: z.string() })
export type Would = z.output<typeof Would>

/** One thing that happened, as pages show it. Texts are at most 2,000 characters and not yet redacted. */
export const RunEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('task'), task: z.string() }),
  z.object({
    kind: z.enum(['ok', 'skipped', 'failed', 'unreachable', 'ignored']),
    task: z.string(),
    changed: z.boolean(),
    says: z.string().optional(),
    /** In check mode: what it would change. */
    would: z.array(Would).max(51).optional(),
    /** In check mode: all or some of it was not tried, so nobody knows what it would change. */
    blind: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('checked'), says: z.string() }),
  Statistics.extend({ kind: z.literal('stats') }),
])
export type RunEvent = z.output<typeof RunEvent>

export type LaunchRequest = {
  readonly folder: RunFolder
  /** Which play of the folder. */
  readonly play: 'playbook.yml' | 'undo.yml'
  /** Check mode: tells what it would change, changes nothing, and leaves no result in the host's record. */
  readonly check: boolean
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
/** Between asking Ansible to end and killing it. */
export const graceMilliseconds = 5_000

/** What `ansible-playbook` is given, in a run's folder. */
export function playArguments({ sshArguments, play, check }: LaunchRequest): readonly string[] {
  const mode = check ? ['--check'] : []
  const data = [...mode, '--inventory', inFolder.inventory, '--extra-vars', `@${inFolder.vars}`]
  return [...data, '--ssh-common-args', sshArguments.join(' '), '--', join('playbook', play)]
}

/** The whole environment of a run: ours is not inherited. */
export function runEnvironment({ path }: RunFolder): Record<string, string> {
  return ansibleEnvironment(path, join(path, inFolder.temporary))
}

/** The same for a folder that is no run's. */
export function ansibleEnvironment(folder: string, temporary: string): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    HOME: folder,
    TMPDIR: temporary,
    ANSIBLE_CONFIG: join(folder, inFolder.config),
    ANSIBLE_HOME: temporary,
  }
}

/** The Python that the program itself names: the private environment's, or Debian's. Throws `setup.missing`. */
export function interpreterOf(program: string): string {
  const interpreter = /^#!(\/\S+)\n/.exec(readFileSync(program, 'utf8').slice(0, 512))?.[1]
  if (interpreter !== undefined) return interpreter
  throw new Failure({
    code: 'setup.missing',
    message: `${program} does not name the Python it runs with.`,
    hint: 'Type `npx millwright doctor --fix`.',
  })
}

/** Gives out events until the stream's end. */
export function readEvents(stream: Readable, onEvent: (event: RunEvent) => void): Promise<void> {
  let given = 0
  return eachLine(stream, longestEventBytes, (line) => {
    const event = RunEvent.safeParse(parsed(line))
    given += 1
    if (event.success && given <= maximumEvents) onEvent(event.data)
  })
}

/** The end of what Ansible wrote to its standard error. */
export function complaintIn({ path }: RunFolder): string {
  try {
    return readFileSync(join(path, inFolder.stderr), 'utf8').slice(-stderrBytes)
  } catch {
    // It ended before it opened the file.
    return ''
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // A line cut off by the end of the process; the statistics decide.
    return null
  }
}
