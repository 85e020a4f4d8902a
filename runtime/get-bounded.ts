// One GET of a store that proves who asks: a bounded answer, no redirects, and a certificate authority of that store's
// own.
import { get as getPlain, type IncomingMessage } from 'node:http'
import { get as getSecure, type RequestOptions } from 'node:https'
import { Failure } from '../domain/failure.ts'
import { readResponse } from './read-response.ts'

const answerMilliseconds = 5_000

export type Asking = {
  /** The store's name for people. */
  readonly who: string
  /** Bytes. */
  readonly largestAnswer: number
  readonly authorization: string | null
  /** PEM; null: whom Node trusts. */
  readonly ca: string | null
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

export type Answer = { readonly text: string; readonly date: string | null }

/** The body of a 2xx answer. Throws for any other, and for what takes longer than 5 s. */
export async function getBounded(address: URL, asking: Asking): Promise<Answer> {
  const { who, largestAnswer, authorization, ca, signal } = asking
  const proof = authorization === null ? {} : { authorization }
  const headers = { accept: 'application/json', ...asking.headers, ...proof }
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(answerMilliseconds)])
  const response = await opened(address, { headers, signal: bounded, ...(ca === null ? {} : { ca }) })
  const text = await readResponse({ body: response }, largestAnswer)
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return { text, date: response.headers.date ?? null }
  throw new Failure({ code: 'upstream.rejected', message: `${who} answered ${status} to ${address.pathname}.` })
}

function opened(address: URL, options: RequestOptions): Promise<IncomingMessage> {
  const open = address.protocol === 'https:' ? getSecure : getPlain
  return new Promise((resolve, reject) => {
    open(address, options, resolve).once('error', reject)
  })
}
