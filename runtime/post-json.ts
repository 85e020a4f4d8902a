// One POST of JSON to an address that the config names: no redirects, a bounded answer, and whether trying again makes
// sense.
import { readResponse } from './read-response.ts'

export type Posted =
  | { readonly kind: 'sent' }
  | { readonly kind: 'failed'; readonly retry: boolean; readonly says: string }

export type PostOptions = {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

const answerBytes = 64 * 1024
const answerShown = 200

/** Never throws. 4xx is for ever, but for "too early", "too many" and "took too long"; everything else may pass. */
export async function postJson({ url, body, headers, signal }: PostOptions): Promise<Posted> {
  try {
    const all = { ...headers, 'content-type': 'application/json', 'user-agent': 'millwright' }
    const response = await fetch(url, { method: 'POST', body, headers: all, redirect: 'error', signal })
    const text = await readResponse(response, answerBytes).catch(() => '')
    if (response.ok) return { kind: 'sent' }
    const retry = response.status >= 500 || [408, 425, 429].includes(response.status)
    const said = text.replaceAll(/\p{C}+/gu, ' ').slice(0, answerShown)
    return { kind: 'failed', retry, says: `It answered ${response.status}: ${said}` }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    return { kind: 'failed', retry: true, says: `It could not be reached${cause}` }
  }
}
