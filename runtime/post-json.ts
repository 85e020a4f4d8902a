// One POST of JSON to an address that the config names: no redirects, a bounded answer, and whether trying again makes
// sense.
import { readResponse } from './read-response.ts'
import { redactText } from './redaction.ts'

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
/** As much as is looked through for secrets before it is cut. */
const answerRead = 4_096

/** Never throws. 4xx is for ever, but for "too early", "too many" and "took too long"; everything else may pass. */
export async function postJson({ url, body, headers, signal }: PostOptions): Promise<Posted> {
  try {
    const all = { ...headers, 'content-type': 'application/json', 'user-agent': 'millwright' }
    const response = await fetch(url, { method: 'POST', body, headers: all, redirect: 'error', signal })
    const text = await readResponse(response, answerBytes).catch(() => '')
    if (response.ok) return { kind: 'sent' }
    const retry = response.status >= 500 || [408, 425, 429].includes(response.status)
    return { kind: 'failed', retry, says: `It answered ${response.status}: ${repeatable(text, headers)}` }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    return { kind: 'failed', retry: true, says: `It could not be reached${cause}` }
  }
}

/** What a server said, without what proves who we are: some repeat what they were sent. */
function repeatable(text: string, { authorization = '' }: PostOptions['headers']): string {
  const credential = authorization.split(' ').at(-1) ?? ''
  const said = text.slice(0, answerRead)
  const without = credential === '' ? said : said.replaceAll(credential, '[redacted:secret]')
  return redactText(without)
    .replaceAll(/\p{C}+/gu, ' ')
    .slice(0, answerShown)
}
