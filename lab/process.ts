// Processes by identity: an id alone may have been given to another process since.
import { readFileSync } from 'node:fs'
import * as z from 'zod'

/** A process id with its start time in clock ticks since the machine's start, as in `/proc/PID/stat`. */
export const ProcessIdentity = z.strictObject({ pid: z.int().positive(), started: z.string() })
export type ProcessIdentity = z.infer<typeof ProcessIdentity>

/** The identity of a living process, or undefined. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    // The name in parentheses may hold spaces; fields count from the last one on.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const started = fields[19]
    return started === undefined || fields[0] === 'Z' ? undefined : { pid, started }
  } catch {
    return undefined
  }
}

/** Whether this very process still runs (a zombie does not). */
export function lives(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started
}

/** Signals that very process; nothing happens when it is gone. */
export function signal(identity: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL'): void {
  if (lives(identity)) send(identity.pid, name)
}

/** Kills processes that were just seen; some may have ended since, by themselves or with their namespace. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) send(pid, 'SIGKILL')
}

function send(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
