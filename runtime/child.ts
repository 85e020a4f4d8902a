// Child processes that end with us: started without a shell, tied to our life by the kernel, their output in a file.
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, statSync, truncateSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../domain/failure.ts'

/** An account that a child runs under instead of ours. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number }

export type ChildOptions = {
  readonly program: string
  readonly args: readonly string[]
  /** The whole environment of the child; ours is not inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Output is appended here (0600, started anew above `logLimitBytes`). */
  readonly logFile: string
  /** The signal that the kernel sends when we die, however that happens. */
  readonly deathSignal: 'INT' | 'TERM' | 'KILL'
  readonly account: Account | null
  /** Whether descriptor 3 is a pipe that we write to. */
  readonly handOver: boolean
}

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

export type Child = {
  readonly pid: number
  readonly process: ChildProcess
  /** Resolves once, when it has ended. */
  readonly exited: Promise<Exit>
}

const logLimitBytes = 10 * 1024 * 1024
const pollMilliseconds = 20

/**
 * Starts a program that the kernel ends when we end (also by `kill -9`).
 * Throws `setup.missing` when it can't be started at all.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = openLog(options.logFile)
  try {
    const child = spawn(
      'setpriv',
      [
        '--pdeathsig',
        options.deathSignal,
        ...(options.account === null ? [] : asAccount(options.account)),
        '--',
        options.program,
        ...options.args,
      ],
      {
        cwd: options.cwd,
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', ...options.env },
        // A session of its own: Ctrl-C on the terminal is for us, and we end the children in order.
        detached: true,
        stdio: ['ignore', log, log, ...(options.handOver ? ['pipe' as const] : [])],
      },
    )
    const exited = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', () => resolve())
      child.once('error', reject)
    })
    if (child.pid === undefined) throw new Error('the system gave it no process id')
    return { pid: child.pid, process: child, exited }
  } catch (cause) {
    throw new Failure({
      code: 'setup.missing',
      message: `${options.program} can't be started.`,
      hint: 'Type `npx millwright doctor --fix`.',
      cause,
    })
  } finally {
    closeSync(log)
  }
}

/** Signals a child, waits `graceSeconds`, then kills it. */
export async function stopChild(child: Child, signal: NodeJS.Signals, graceSeconds: number): Promise<Exit> {
  child.process.kill(signal)
  const timer = setTimeout(() => child.process.kill('SIGKILL'), graceSeconds * 1_000)
  try {
    return await child.exited
  } finally {
    clearTimeout(timer)
  }
}

/** Ends a process that is not our child. True when it is gone within the time. */
export async function endStranger(pid: number, signal: NodeJS.Signals, waitSeconds: number): Promise<boolean> {
  try {
    process.kill(pid, signal)
  } catch {
    return !isAlive(pid)
  }
  for (let left = (waitSeconds * 1_000) / pollMilliseconds; left > 0; left -= 1) {
    if (!isAlive(pid)) return true
    await sleep(pollMilliseconds)
  }
  return !isAlive(pid)
}

/** Whether a process of that id exists; one that belongs to somebody else exists, too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM'
  }
}

function asAccount(account: Account): readonly string[] {
  return ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups']
}

function openLog(file: string): number {
  const descriptor = openSync(file, 'a', 0o600)
  if (statSync(file).size > logLimitBytes) truncateSync(file)
  return descriptor
}
