// One GET that proves who asks: a bounded answer, no redirects, and a certificate authority of this store's own.
import { get as getPlain } from 'node:http'
import { get as getSecure, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { Failure } from '../../../domain/failure.ts'
import { readResponse } from '../../../runtime/read-response.ts'

/** Rules of a large Prometheus are a few MiB of JSON. */
const largestAnswer = 16 * 1024 * 1024
const answerMilliseconds = 5_000

export type Access = {
  readonly authorization: string | null
  /** PEM; null: whom Node trusts. */
  readonly ca: string | null
}

export type Answer = { readonly text: string; readonly date: string | null }

/** The body of a 2xx answer. Throws for any other, and for what takes longer than 5 s. */
export async function get(address: URL, { authorization, ca }: Access, signal: AbortSignal): Promise<Answer> {
  const headers = { accept: 'application/json', ...(authorization === null ? {} : { authorization }) }
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(answerMilliseconds)])
  const response = await opened(address, { headers, signal: bounded, ...(ca === null ? {} : { ca }) })
  const text = await readResponse({ body: response }, largestAnswer)
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return { text, date: response.headers.date ?? null }
  throw new Failure({
    code: 'upstream.rejected',
    message: `Prometheus answered ${status} to ${address.pathname}.`,
  })
}

function opened(address: URL, options: RequestOptions): Promise<IncomingMessage> {
  const open = address.protocol === 'https:' ? getSecure : getPlain
  return new Promise((resolve, reject) => {
    open(address, options, resolve).once('error', reject)
  })
}
