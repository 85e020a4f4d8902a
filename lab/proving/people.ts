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

/** True: it was taken. */
export async function decide({ url, token, digest, id, verdict }: Decision): Promise<boolean> {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(`${url}/api/v1/plans/${encodeURIComponent(digest)}/decisions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify({ id, verdict, reason: 'tried by a proof' }),
    signal: AbortSignal.timeout(patienceMilliseconds),
  }).catch(() => null)
  return response?.ok === true
}
