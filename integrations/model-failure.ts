// What a model's server refuses, as a fault that says whether it may go better later.
import { Failure } from '../domain/failure.ts'
import { redactText } from '../runtime/redaction.ts'

export type Unanswered = {
  /** HTTP status; null: none came. */
  readonly status: number | null
  readonly headers: Headers | null
  /** What it said about it. */
  readonly says: string
  /** What proves who we are: some servers repeat it. */
  readonly key: string
  readonly cause: unknown
}

const shown = 200
/** As much as is looked through for secrets before it is cut. */
const read = 4_096
/** Nobody waits longer for a model; the incident goes to people first. */
const longestWaitMilliseconds = 900_000

const passing: ReadonlySet<number> = new Set([408, 409, 425, 429])

const hints: ReadonlyMap<number, string> = new Map([
  [400, 'Look at `model` and `effort` of that block of `models` in the config.'],
  [401, 'Look at `key` of that block of `models` in the config: it is not taken.'],
  [402, 'Look at the account that `key` of that block of `models` belongs to.'],
  [403, 'Look at `key` of that block of `models` in the config: it may not use this `model`.'],
  [404, 'Look at `model` and `url` of that block of `models` in the config.'],
  [413, 'It was asked too much at once. Shorten `profile.facts` in the config, or take a `model` that reads more.'],
  [422, 'Look at `model` of that block of `models` in the config: the server does not take what it was sent.'],
])
const anyHint = 'Look at `url` of that block of `models` in the config.'

/** `upstream.unavailable` for what may pass, unless the server itself says otherwise; `upstream.rejected` else. */
export function unanswered({ status, headers, says, key, cause }: Unanswered): Failure {
  const saysRetry = headers?.get('x-should-retry') ?? null
  const passes = status === null || status >= 500 || passing.has(status)
  const retry = saysRetry === 'true' || (passes && saysRetry !== 'false')
  const answered = status === null ? 'does not answer' : `answered ${status}`
  const message = `The model's server ${answered}: ${repeatable(says, key)}`
  if (!retry) {
    return new Failure({ code: 'upstream.rejected', message, hint: hints.get(status ?? 0) ?? anyHint, cause })
  }
  const retryAfterMilliseconds = retryAfter(headers)
  return new Failure({
    code: 'upstream.unavailable',
    message,
    cause,
    ...(retryAfterMilliseconds === null ? {} : { retryAfterMilliseconds }),
  })
}

/** An answer that stopped before its end. */
export function brokenOff(cause?: unknown): Failure {
  return new Failure({ code: 'upstream.unavailable', message: "The model's answer broke off.", cause })
}

/** The fault of ours that a library wrapped, if it did. */
export function ownFailure(error: unknown): Failure | null {
  if (error instanceof Failure) return error
  return error instanceof Error && error.cause !== undefined ? ownFailure(error.cause) : null
}

/** Milliseconds from now; null: it did not say, or nothing that can be read. */
export function retryAfter(headers: Headers | null): number | null {
  const milliseconds = numberOf(headers?.get('retry-after-ms'))
  if (milliseconds !== null) return bounded(milliseconds)
  const text = headers?.get('retry-after') ?? null
  const seconds = numberOf(text)
  if (seconds !== null) return bounded(seconds * 1_000)
  const at = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(at) ? null : bounded(at - Date.now())
}

function numberOf(text: string | null | undefined): number | null {
  return text !== null && text !== undefined && /^\d{1,12}(\.\d{1,6})?$/.test(text) ? Number(text) : null
}

function bounded(milliseconds: number): number {
  return Math.round(Math.min(Math.max(milliseconds, 0), longestWaitMilliseconds))
}

function repeatable(says: string, key: string): string {
  const said = says.slice(0, read)
  const without = key === '' ? said : said.replaceAll(key, '[redacted:secret]')
  return redactText(without)
    .replaceAll(/\p{C}+/gu, ' ')
    .slice(0, shown)
}
