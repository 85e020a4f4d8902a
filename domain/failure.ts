// Faults: one class, one code table. Expected outcomes are values, never a Failure.

/** What a code means for whoever meets it. `retry`: whether Temporal may try the same call again. */
type FailureKind = { readonly http: number; readonly exit: number; readonly retry: boolean }

/**
 * Every code that Millwright can report. Identity is the code, never `instanceof`: the workflow sandbox is another
 * realm.
 * `docs/errors.md` has a paragraph for each (a test compares the two).
 */
export const failureCodes = {
  'input.invalid-payload': { http: 400, exit: 2, retry: false },
  'input.unsupported-media-type': { http: 415, exit: 2, retry: false },
  'input.too-large': { http: 413, exit: 2, retry: false },
  'input.too-many': { http: 429, exit: 1, retry: false },
  'input.unknown-source': { http: 404, exit: 2, retry: false },
  'input.not-found': { http: 404, exit: 2, retry: false },
  'input.usage': { http: 400, exit: 2, retry: false },
  'auth.missing': { http: 401, exit: 4, retry: false },
  'auth.bad-credentials': { http: 401, exit: 4, retry: false },
  'auth.bad-origin': { http: 403, exit: 4, retry: false },
  'config.invalid': { http: 500, exit: 2, retry: false },
  'config.missing': { http: 503, exit: 2, retry: false },
  'config.module-broken': { http: 500, exit: 2, retry: false },
  'catalogue.invalid': { http: 500, exit: 2, retry: false },
  'catalogue.not-pinned': { http: 409, exit: 5, retry: false },
  'conflict.already-decided': { http: 409, exit: 5, retry: false },
  'conflict.plan-changed': { http: 409, exit: 5, retry: false },
  'conflict.expired': { http: 409, exit: 6, retry: false },
  'conflict.not-delivered': { http: 503, exit: 1, retry: false },
  'policy.forbidden': { http: 403, exit: 5, retry: false },
  stopped: { http: 409, exit: 5, retry: false },
  'host.unknown-key': { http: 502, exit: 1, retry: false },
  'host.unreachable': { http: 502, exit: 1, retry: true },
  'host.timeout': { http: 504, exit: 1, retry: true },
  'host.bad-answer': { http: 502, exit: 1, retry: false },
  'run.refused': { http: 409, exit: 5, retry: false },
  'run.not-as-previewed': { http: 409, exit: 5, retry: false },
  'upstream.unavailable': { http: 503, exit: 1, retry: true },
  'upstream.rejected': { http: 502, exit: 1, retry: false },
  'store.unavailable': { http: 503, exit: 1, retry: true },
  'setup.missing': { http: 500, exit: 1, retry: false },
  'setup.in-use': { http: 409, exit: 1, retry: false },
  bug: { http: 500, exit: 1, retry: false },
} as const satisfies Record<string, FailureKind>

export type FailureCode = keyof typeof failureCodes

type FailureDetails = {
  readonly code: FailureCode
  /** One sentence: what this layer was doing and what went wrong. Never repeats the cause's text. */
  readonly message: string
  /** The next step for whoever reads it, with the command to type where there is one. */
  readonly hint?: string
  /** The key of the config that it is about. */
  readonly key?: readonly string[]
  /** Of `upstream.unavailable`: when whoever was asked wants to be asked again, from now on. */
  readonly retryAfterMilliseconds?: number
  readonly cause?: unknown
}

/** A fault: something that should not have happened, said once, with a code and a next step. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: FailureCode
  readonly hint: string | undefined
  readonly key: readonly string[] | undefined
  readonly retryAfterMilliseconds: number | undefined

  constructor({ code, message, hint, key, retryAfterMilliseconds, cause }: FailureDetails) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint
    this.key = key
    this.retryAfterMilliseconds = retryAfterMilliseconds
  }
}

/** The code of an error that may come from another realm or a serialised cause; `bug` for anything else. */
export function failureCode(error: unknown): FailureCode {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' && isFailureCode(code) ? code : 'bug'
}

function isFailureCode(text: string): text is FailureCode {
  return Object.hasOwn(failureCodes, text)
}
