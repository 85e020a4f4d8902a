// Reading connections: one per host and process, shared, closed when idle. A request goes in, a reply comes out; no
// command is ever chosen here.
import type { NodeSSH } from 'node-ssh'
import { Failure, failureCode } from '../domain/failure.ts'
import { connectSsh, type SshTarget } from './ssh-connect.ts'
import { lostConnection, type Program, startProgram } from './ssh-program.ts'
import { createTurns, type Turns } from './turns.ts'

export type { SshTarget } from './ssh-connect.ts'

/** The account that onboard-host makes for reading. */
export const readUser = 'millwright-ro'
/** Well below sshd's `MaxSessions` for the account: a closed channel counts there until its process is gone. */
const maximumChannels = 6
/** Exchanges that may wait for a channel on one host. */
const maximumWaiting = 64
const idleMilliseconds = 60_000
/** Their arithmetic is done one after the other: with more of them at once all would be too late. */
const maximumHandshakes = 40
/** For the turn to make one's own. */
const longestTurnMilliseconds = 60_000
/** A program that was started early is given up: it waits 5 s for its request, and a slow link takes some of them. */
const earlyMilliseconds = 3_000

export type ReadConnections = {
  /**
   * Hands one request to the host's program and returns its reply, unparsed. Safe to repeat: reading changes nothing.
   * Throws `host.unknown-key`, `host.unreachable`, `host.timeout` or, when the reply is too large, `host.bad-answer`.
   */
  readonly exchange: (target: SshTarget, request: string, signal?: AbortSignal) => Promise<string>
  /**
   * Begins what a question will need soon: the connection, and the host's program, which then waits for its request.
   * Unused they close; why it failed hears who asks.
   */
  readonly open: (target: SshTarget) => void
  /** Closes everything; exchanges under way end as unreachable. */
  readonly close: () => void
}

type Attempted = { readonly reply: string } | { readonly error: unknown; readonly stale: boolean }

/** A program that nobody has asked yet, on a channel of its own. */
type Early = { readonly program: Promise<Program>; readonly until: number; readonly timer: NodeJS.Timeout }

type Line = {
  readonly ssh: Promise<NodeSSH>
  readonly waiting: (() => void)[]
  channels: number
  early: Early | null
  idle: NodeJS.Timeout | null
  /** It was made; before that, its failure is the answer and no reason to try another one. */
  up: boolean
}

/** `privateKey`: of the reading account, OpenSSH format. Nothing is connected yet. */
export function openReadConnections(login: { readonly privateKey: string }): ReadConnections {
  const lines = new Map<string, Line>()
  const handshakes = createTurns(maximumHandshakes)

  function lineOf(target: SshTarget): { line: Line; reused: boolean; key: string } {
    const key = keyOf(target)
    const found = lines.get(key)
    if (found !== undefined) return { line: found, reused: found.up, key }
    const wanted = (): boolean => lines.get(key) === line
    const ssh = inTurn(handshakes, { target, wanted, login, closed: () => forget(key, line) })
    const line: Line = { ssh, waiting: [], channels: 0, early: null, idle: null, up: false }
    lines.set(key, line)
    const isUp = (): boolean => (line.up = true)
    ssh.then(isUp, () => forget(key, line))
    return { line, reused: false, key }
  }

  function forget(key: string, line: Line): void {
    if (lines.get(key) === line) lines.delete(key)
    if (line.idle !== null) clearTimeout(line.idle)
    if (line.early !== null) clearTimeout(line.early.timer)
    line.ssh.then(
      (ssh) => ssh.dispose(),
      () => undefined,
    )
  }

  async function attempt(target: SshTarget, request: string, signal: AbortSignal | undefined): Promise<Attempted> {
    const { line, reused, key } = lineOf(target)
    const early = takeEarly(line)
    if (early === null) await takeChannel(line, target)
    try {
      return { reply: await (await (early ?? begin(line, target))).ask(request, signal) }
    } catch (error) {
      // Others may be using the connection: one question that was cancelled says nothing about it.
      if (signal?.aborted !== true) forget(key, line)
      return { error, stale: reused && failureCode(error) === 'host.unreachable' }
    } finally {
      leaveChannel(line, () => forget(key, line))
    }
  }

  async function exchange(target: SshTarget, request: string, signal?: AbortSignal): Promise<string> {
    const first = await attempt(target, request, signal)
    // The host may have closed an idle connection just now. Reading may be repeated, so ask once more on a fresh one.
    const last = 'stale' in first && first.stale ? await attempt(target, request, signal) : first
    if ('reply' in last) return last.reply
    throw last.error
  }

  return {
    exchange,
    open: (target) => {
      const { line, key } = lineOf(target)
      startEarly(line, target, () => forget(key, line))
    },
    close: () => lines.forEach((line, key) => forget(key, line)),
  }
}

type Handshake = {
  readonly target: SshTarget
  /** Whether anybody still waits for it, when its turn comes. */
  readonly wanted: () => boolean
  readonly login: { readonly privateKey: string }
  readonly closed: () => void
}

async function inTurn(handshakes: Turns, { target, wanted, login, closed }: Handshake): Promise<NodeSSH> {
  if (!(await handshakes.take(longestTurnMilliseconds))) throw busy(target)
  try {
    if (!wanted()) throw lostConnection(target, undefined)
    return await connectSsh(target, { username: readUser, privateKey: login.privateKey }, closed)
  } finally {
    handshakes.giveBack()
  }
}

/** Pinned keys belong to it: a connection made under other pins is another connection. */
function keyOf({ address, port, hostKeys }: SshTarget): string {
  return JSON.stringify([address, port, hostKeys])
}

function begin(line: Line, target: SshTarget): Promise<Program> {
  return line.ssh.then((ssh) => startProgram(ssh, target))
}

/** Where one waits already, or all channels are in use, a question is no faster by another one. */
function startEarly(line: Line, target: SshTarget, close: () => void): void {
  if (line.early !== null || line.channels >= maximumChannels) return
  if (line.idle !== null) clearTimeout(line.idle)
  line.channels += 1
  const program = begin(line, target)
  program.catch(() => undefined)
  const giveUp = (): void => {
    line.early = null
    program.then((unused) => unused.close()).catch(() => undefined)
    leaveChannel(line, close)
  }
  const timer = setTimeout(giveUp, earlyMilliseconds).unref()
  line.early = { program, timer, until: performance.now() + earlyMilliseconds }
}

/** The program that waits, with its channel; null when none does, or its time is over and its end only comes late. */
function takeEarly(line: Line): Promise<Program> | null {
  if (line.early === null || line.early.until <= performance.now()) return null
  const { program, timer } = line.early
  clearTimeout(timer)
  line.early = null
  return program
}

async function takeChannel(line: Line, target: SshTarget): Promise<void> {
  if (line.idle !== null) clearTimeout(line.idle)
  line.idle = null
  if (line.channels < maximumChannels) {
    line.channels += 1
    return
  }
  if (line.waiting.length >= maximumWaiting) {
    throw new Failure({ code: 'host.timeout', message: `Too many questions wait for ${target.name}.` })
  }
  await new Promise<void>((resolve) => line.waiting.push(resolve))
}

function leaveChannel(line: Line, close: () => void): void {
  const next = line.waiting.shift()
  if (next !== undefined) {
    next()
    return
  }
  line.channels -= 1
  if (line.channels === 0) rest(line, close)
}

function rest(line: Line, close: () => void): void {
  if (line.idle !== null) clearTimeout(line.idle)
  line.idle = setTimeout(close, idleMilliseconds).unref()
}

function busy(target: SshTarget): Failure {
  const message = `There was no turn to connect to ${target.name}: too many hosts are being connected to.`
  return new Failure({ code: 'host.unreachable', message })
}
