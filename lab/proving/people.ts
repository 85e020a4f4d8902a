// People who decide, over the API that everybody has; each answer is what the HTTP status says.
import type { Crew } from './crew.ts'

export type Person = { readonly name: string; readonly role: 'viewer' | 'approver'; readonly team: string }

/** Lets a person in and answers the token of the session. */
export async function logIn({ client }: Crew, person: Person): Promise<string> {
  const admin = client()
  const { code } = await admin.post<{ readonly code: string }>('/people', { ...person })
  const { token } = await admin.post<{ readonly token: string }>('/login', { code, kind: 'cli' })
  return token
}

export type Decision = {
  readonly url: string
  /** Null: nobody. */
  readonly token: string | null
  readonly digest: string
  readonly id: string
  readonly verdict: 'approve' | 'reject'
}

const patienceMilliseconds = 20_000

const reason = 'tried by a proof'

/** True: it was taken. */
export function decide({ id, verdict, ...about }: Decision): Promise<boolean> {
  return say(about, 'decisions', { id, verdict, reason })
}

/** Wants fresh evidence, and so another plan. True: it was taken. */
export function askMore(about: Pick<Decision, 'url' | 'token' | 'digest'>): Promise<boolean> {
  return say(about, 'ask-more', { reason })
}

async function say(
  { url, token, digest }: Pick<Decision, 'url' | 'token' | 'digest'>,
  what: 'decisions' | 'ask-more',
  body: object,
): Promise<boolean> {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(`${url}/api/v1/plans/${encodeURIComponent(digest)}/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(patienceMilliseconds),
  }).catch(() => null)
  return response?.ok === true
}
