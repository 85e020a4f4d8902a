// The only way out of the process that asks models: straight to named origins, and nowhere else.
import { Agent, fetch as directly, type Response as Answer } from 'undici'
import { Failure } from '../domain/failure.ts'

/** `origin`: `https://host:port`, or the scheme alone where an address has none. Never a path, never a body. */
export type RefusedAttempt = { readonly origin: string; readonly why: 'not-allowed' | 'redirect' }

type Guard = {
  /** Addresses whose origins may be reached. */
  readonly allowed: readonly string[]
  /** Bytes, uncompressed. */
  readonly largestAnswer: number
  /** Called for each piece of an answer. */
  readonly heard: () => void
  readonly refused: (attempt: RefusedAttempt) => void
}

const connectMilliseconds = 10_000
/** A local model reads a long question for minutes before its first word. */
const firstWordMilliseconds = 600_000
const silenceMilliseconds = 300_000

// An agent of our own goes straight there: no proxy of the environment, no dispatcher that somebody set for everything.
const agent = new Agent({
  allowH2: false,
  // Said, so that no variable of the environment turns it off.
  connect: { timeout: connectMilliseconds, rejectUnauthorized: true },
  headersTimeout: firstWordMilliseconds,
  bodyTimeout: silenceMilliseconds,
})

/** What a model is sent. Libraries add some that tell about this machine, and take others from the environment. */
const passedHeaders = new Set(['accept', 'anthropic-version', 'authorization', 'content-type', 'user-agent'])

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * A `fetch` for texts that reaches the allowed origins only, follows no redirect and reads bounded answers. Throws
 * `upstream.rejected` for what it refuses, `TypeError` where nobody can be reached.
 */
export function guardedFetch({ allowed, largestAnswer, heard, refused }: Guard): typeof globalThis.fetch {
  const origins = new Set(allowed.map((address) => new URL(address)).map((url) => (isWeb(url) ? url.origin : '')))
  return async (input, init) => {
    const url = typeof input === 'string' || input instanceof URL ? URL.parse(String(input)) : null
    if (url === null || !isWeb(url) || !origins.has(url.origin) || url.username !== '' || url.password !== '') {
      throw refusal({ origin: originOf(url), why: 'not-allowed' }, refused)
    }
    const { method = 'GET', body = null, signal = null } = init ?? {}
    if (body !== null && typeof body !== 'string') throw new TypeError('Only text is sent.')
    const headers = [...new Headers(init?.headers)].filter(([name]) => passedHeaders.has(name))
    const answer = await directly(url.href, { method, body, signal, headers, redirect: 'manual', dispatcher: agent })
    if (!redirects.has(answer.status)) return bounded(answer, largestAnswer, heard)
    await answer.body?.cancel()
    const elsewhere = URL.parse(answer.headers.get('location') ?? '', url.href)
    throw refusal({ origin: originOf(elsewhere), why: 'redirect' }, refused)
  }
}

/** A `blob:` address has the origin of the page that made it. */
function isWeb({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:'
}

function originOf(url: URL | null): string {
  if (url === null) return 'no address'
  return isWeb(url) ? url.origin : url.protocol
}

function refusal(attempt: RefusedAttempt, refused: Guard['refused']): Failure {
  refused(attempt)
  const says =
    attempt.why === 'redirect'
      ? `It redirects to ${attempt.origin}; no redirect is followed.`
      : `The address ${attempt.origin} is none that may be reached.`
  return new Failure({ code: 'upstream.rejected', message: says, hint: 'Name the right `url` in the config.' })
}

function bounded({ body, status, headers }: Answer, limit: number, heard: Guard['heard']): Response {
  let length = 0
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      length += chunk.byteLength
      if (length > limit) {
        controller.error(
          new Failure({ code: 'upstream.rejected', message: `An answer is longer than ${limit} bytes.` }),
        )
        return
      }
      heard()
      controller.enqueue(chunk)
    },
  })
  return new Response(body === null ? null : body.pipeThrough(counter), { status, headers: [...headers] })
}
