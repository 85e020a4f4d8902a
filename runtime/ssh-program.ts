// The host's program on a channel of its own: started, asked once, gone. No command is ever chosen here.
import { PassThrough } from 'node:stream'
import type { NodeSSH } from 'node-ssh'
import { Failure } from '../domain/failure.ts'
import type { SshTarget } from './ssh-connect.ts'

/** The one word that it takes as a command. */
const command = 'probe'
/** Nobody waits longer; the host's program ends by itself 40 s after its start, and holds its channel until then. */
const exchangeMilliseconds = 30_000
/** A pack has at most 256 KiB; the rest is its envelope. */
const maximumReplyBytes = 320 * 1024

export type Program = {
  /**
   * Once. Hands over the request and returns the reply, unparsed. Throws `host.unreachable`, `host.timeout` or, when
   * the reply is too large, `host.bad-answer`.
   */
  readonly ask: (request: string, signal: AbortSignal | undefined) => Promise<string>
  /** Nobody will ask it. */
  readonly close: () => void
}

type Ran = { readonly stdout: string; readonly code: number | null }

/** Starts it over an open connection; it waits 5 s for its request. Never throws: who asks hears why it failed. */
export function startProgram(ssh: NodeSSH, target: SshTarget): Program {
  const stdin = new PassThrough()
  const end = new AbortController()
  let size = 0
  const ran: Promise<Ran> = ssh.execCommand(command, {
    stdin,
    noTrim: true,
    // Bytes as they are: node-ssh decodes chunk by chunk, which would tear characters apart.
    encoding: 'latin1',
    onChannel: (channel) => {
      const close = (): void => channel.close()
      if (end.signal.aborted) close()
      end.signal.addEventListener('abort', close)
    },
    onStdout: (chunk) => {
      size += chunk.length
      if (size > maximumReplyBytes) end.abort()
    },
  })
  ran.catch(() => undefined)
  const ask: Program['ask'] = async (request, signal) => {
    stdin.end(request)
    const { stdout, code } = await Promise.race([ran, tooLate(target, signal)]).catch((cause: unknown) => {
      end.abort()
      if (cause instanceof Failure) throw cause
      throw lostConnection(target, cause)
    })
    if (size > maximumReplyBytes) throw tooLarge(target)
    // A channel that closes without an exit status was cut off.
    if (code === null && stdout === '') throw lostConnection(target, undefined)
    return Buffer.from(stdout, 'latin1').toString('utf8')
  }
  const close = (): void => {
    stdin.end()
    end.abort()
  }
  return { ask, close }
}

/** Rejects when the time is over or whoever asked wants no answer any more. */
function tooLate(target: SshTarget, signal: AbortSignal | undefined): Promise<never> {
  const time = AbortSignal.timeout(exchangeMilliseconds)
  const stopped = signal === undefined ? time : AbortSignal.any([time, signal])
  return new Promise((_, reject) => {
    const stop = (): void => reject(noReply(target, signal?.aborted === true))
    if (stopped.aborted) stop()
    stopped.addEventListener('abort', stop)
  })
}

function noReply(target: SshTarget, cancelled: boolean): Failure {
  const limit = cancelled ? 'before it was cancelled' : `within ${exchangeMilliseconds / 1000} s`
  return new Failure({ code: 'host.timeout', message: `${target.name} did not reply ${limit}.` })
}

export function lostConnection(target: SshTarget, cause: unknown): Failure {
  return new Failure({ code: 'host.unreachable', message: `The connection to ${target.name} was lost.`, cause })
}

function tooLarge(target: SshTarget): Failure {
  return new Failure({
    code: 'host.bad-answer',
    message: `${target.name} replied with more than ${maximumReplyBytes} bytes.`,
  })
}
