// A run's processes on this machine live in a control group of their own: the only way to end all of them for certain.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../domain/failure.ts'

/** Between asking to end and killing. */
const graceMilliseconds = 5_000
/** After killing; processes that are still there then hang in the kernel. */
const killMilliseconds = 10_000
const pollMilliseconds = 10

export type ControlGroup = {
  /** Absolute; a run's folder keeps it, so that a later start finds what was left. */
  readonly path: string
}

/** Makes the group below our own. Throws `setup.missing` where that is not allowed. */
export function makeControlGroup(name: string): ControlGroup {
  const path = join(ownGroup(), name)
  try {
    mkdirSync(path, { recursive: true })
    return { path }
  } catch (cause) {
    throw new Failure({
      code: 'setup.missing',
      message: 'A control group for the run can’t be made, so nothing could be stopped for certain.',
      hint: 'Run Millwright as root, or as a systemd service with `Delegate=yes`.',
      cause,
    })
  }
}

/** The file to which a process writes its own id to enter. */
export function entryOf(group: ControlGroup): string {
  return join(group.path, 'cgroup.procs')
}

/** Puts a process that we have just started into the group. */
export function enter(group: ControlGroup, pid: number): void {
  writeFileSync(entryOf(group), String(pid))
}

/** Process ids inside; empty when the group is gone. */
function membersOf(group: ControlGroup): readonly number[] {
  try {
    return readFileSync(entryOf(group), 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    // The group is gone, so nobody is inside.
    return []
  }
}

/** Asks all to end, waits, kills the rest, and removes the group. False when something can't be ended. */
export async function endGroup(group: ControlGroup, graceful = true): Promise<boolean> {
  if (graceful) signalAll(group, 'SIGTERM')
  if (graceful && (await removed(group, graceMilliseconds))) return true
  kill(group)
  return removed(group, killMilliseconds)
}

function kill(group: ControlGroup): void {
  try {
    writeFileSync(join(group.path, 'cgroup.kill'), '1')
  } catch {
    // Kernels before 5.14 have no such file.
    signalAll(group, 'SIGKILL')
  }
}

async function removed(group: ControlGroup, milliseconds: number): Promise<boolean> {
  for (let left = milliseconds / pollMilliseconds; left > 0; left -= 1) {
    if (removeGroup(group)) return true
    await sleep(pollMilliseconds)
  }
  return removeGroup(group)
}

function signalAll(group: ControlGroup, signal: NodeJS.Signals): void {
  for (const pid of membersOf(group)) {
    try {
      process.kill(pid, signal)
    } catch {
      // It ended between reading and signalling.
    }
  }
}

/** False while something lives in it, which the kernel alone knows: its list leaves out a process whose threads end. */
export function removeGroup(group: ControlGroup): boolean {
  try {
    rmdirSync(group.path)
    return true
  } catch {
    return !existsSync(group.path)
  }
}

/**
 * Our own group in the unified hierarchy, wherever it is mounted (`/sys/fs/cgroup`, or below it on hybrid machines).
 */
function ownGroup(): string {
  const mounted = /^\S+ \S+ \S+ (\S+) (\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1]
  if (mounted?.[2] === undefined || own === undefined) {
    throw new Failure({
      code: 'setup.missing',
      message: 'This machine has no unified control groups, so a run could not be stopped for certain.',
      hint: 'Mount them: `mount -t cgroup2 none /sys/fs/cgroup/unified`.',
    })
  }
  return join(mounted[2], own)
}
