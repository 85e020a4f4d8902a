// Waiting for what a command set going. Ctrl-C ends the waiting, never what is waited for.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, InvalidArgumentError } from 'commander'
import type { IncidentView } from '../domain/telling/view.ts'
import type { Client } from './client.ts'
import { exitCode } from './command.ts'
import { say } from './print.ts'

const defaultSeconds = 900
const longestSeconds = 86_400
const everyMilliseconds = 1_000

export type WaitOptions = { readonly wait?: true; readonly timeout: number }

export function withWait(command: Command): Command {
  return withTimeout(command.option('--wait', 'until it is closed, or a person has it'))
}

export function withTimeout(command: Command): Command {
  return command.option('--timeout <seconds>', 'how long is waited', seconds, defaultSeconds)
}

function seconds(text: string): number {
  const number = Number(text)
  if (/^\d{1,5}$/.test(text) && number <= longestSeconds) return number
  throw new InvalidArgumentError(`Whole seconds, at most ${longestSeconds}.`)
}

/**
 * Until nothing moves by itself any more, and sets the exit code: 0 closed, 7 a person has it because the repair failed
 * or its outcome is unknown, 5 because it was refused, 6 because nobody decided in time, 1 for any other reason; 8 it
 * goes on after `timeout` seconds.
 */
export async function waitForEnd(client: Client, number: string, timeout: number): Promise<IncidentView> {
  const until = Date.now() + timeout * 1_000
  for (;;) {
    const incident = await client.get<IncidentView>(`/incidents/${number}`)
    const code = codeOf(incident)
    if (code === null && Date.now() < until) {
      await sleep(Math.min(everyMilliseconds, Math.max(0, until - Date.now())))
      continue
    }
    process.exitCode = code ?? exitCode.pending
    say(`INC-${number}: ${incident.badge.word}.${code === null ? ' It goes on; only the waiting has ended.' : ''}`)
    return incident
  }
}

/** The exit code of where an incident stands; null while it goes on by itself. */
export function codeOf({ state, reason }: Pick<IncidentView, 'state' | 'reason'>): number | null {
  if (state === 'closed') return exitCode.ok
  if (state !== 'handed-over') return null
  if (reason === 'failed' || reason === 'unknown') return exitCode.verificationFailed
  if (reason === 'rejected' || reason === 'forbidden' || reason === 'stopped') return exitCode.rejected
  return reason === 'expired' ? exitCode.expired : exitCode.failure
}
