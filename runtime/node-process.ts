// One process of ours as a child: gets what it needs over a descriptor, says when it runs.
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { mkdirSync } from 'node:fs'
import { Duplex } from 'node:stream'
import { Failure, failureCode } from '../domain/failure.ts'
import { type Child, type Exit, startChild, stopChild } from './child.ts'
import { type HandOver, Report } from './hand-over.ts'
import { shutdownSeconds } from './process.ts'
import { passedEnvironment } from './secrets.ts'

const entry = join(import.meta.dirname, 'start-process.ts')
/** Loading, connecting and, without a ready bundle, building the workflows. */
const readySeconds = 90

/**
 * Measured idle: 16 MB of young generation a heap (the default) cost 80 MB in `control`, which has a heap per workflow
 * thread, and the allocator's arena per native thread some more.
 */
const frugal = ['--max-semi-space-size=4'] as const

export type NodeProcess = {
  readonly pid: number
  /** For people: what runs in it. */
  readonly says: readonly string[]
  /** For the supervisor alone; never logged. */
  readonly tells: Readonly<Record<string, string>>
  readonly exited: Promise<Exit>
  readonly stop: () => Promise<void>
}

type Said = Extract<Report, { kind: 'running' }>

/** Starts it and waits until its modules run. Throws the fault that it reports, with its code and hint. */
export async function startNodeProcess(given: HandOver, logFile: string): Promise<NodeProcess> {
  mkdirSync(given.privateDir, { recursive: true, mode: 0o700 })
  const child = await startChild({
    program: process.execPath,
    args: [...frugal, entry],
    env: { ...passedEnvironment(), MALLOC_ARENA_MAX: '2' },
    cwd: given.privateDir,
    logFile,
    deathSignal: 'TERM',
    account: null,
    handOver: true,
  })
  const stop = async (): Promise<void> => {
    await stopChild(child, 'SIGTERM', shutdownSeconds)
  }
  try {
    const { says, tells } = await whenRunning(child, given, logFile)
    return { pid: child.pid, says, tells, exited: child.exited, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function whenRunning(child: Child, given: HandOver, logFile: string): Promise<Said> {
  const channel = child.process.stdio[3]
  if (!(channel instanceof Duplex)) throw new Error('a child without its descriptor')
  // A child that ended early breaks the pipe; its exit says more.
  channel.on('error', () => undefined)
  channel.write(`${JSON.stringify(given)}\n`)
  const silent = (message: string): Failure =>
    new Failure({ code: 'setup.missing', message, hint: `Its own words are in ${logFile}.` })
  const timer = new AbortController()
  try {
    return await Promise.race([
      firstReport(channel),
      child.exited.then(() => Promise.reject(silent(`The process ${given.name} ended right after its start.`))),
      rejectLater(
        readySeconds,
        timer.signal,
        silent(`The process ${given.name} is not ready after ${readySeconds} s.`),
      ),
    ])
  } finally {
    timer.abort()
  }
}

function firstReport(channel: Duplex): Promise<Said> {
  return new Promise((running, failed) => {
    createInterface({ input: channel }).once('line', (line) => {
      const report = Report.parse(JSON.parse(line))
      if (report.kind === 'running') return running(report)
      const { message, hint } = report
      failed(new Failure({ code: failureCode(report), message, ...(hint === null ? {} : { hint }) }))
    })
  })
}

function rejectLater(seconds: number, signal: AbortSignal, error: Failure): Promise<never> {
  return new Promise((_, failed) => {
    const timer = setTimeout(() => failed(error), seconds * 1_000)
    signal.addEventListener('abort', () => clearTimeout(timer))
  })
}
