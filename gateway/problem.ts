// Errors as problem documents: a code, a sentence, a next step. The same for pages, commands and senders of alerts.
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { Failure, failureCode, failureCodes, type FailureCode } from '../domain/failure.ts'
import { isStoreUnavailable } from '../store/unavailable.ts'

export type Problem = { readonly code: FailureCode; readonly message: string; readonly hint: string | null }

/** Seconds after which a sender shall try again what could not be taken now. */
export const retryAfterSeconds = 5

/** What an error says to whoever asked. A fault that is not ours to explain says nothing of itself. */
export function problemOf(error: unknown): Problem {
  const code = failureCode(error)
  if (error instanceof Failure) return { code, message: error.message, hint: error.hint ?? null }
  if (isStoreUnavailable(error)) {
    return {
      code: 'store.unavailable',
      message: 'The database does not answer.',
      hint: 'What was accepted is safe. Try again in a few seconds; `npx millwright doctor` looks for the cause.',
    }
  }
  return { code: 'bug', message: 'Something inside Millwright went wrong.', hint: 'Its log has the details.' }
}

/** The answer to a request that failed; 503 says when to come back. */
export function answerProblem(c: Context, problem: Problem, more: Readonly<Record<string, unknown>> = {}): Response {
  const status: ContentfulStatusCode = failureCodes[problem.code].http
  if (status === 503) c.header('Retry-After', String(retryAfterSeconds))
  return c.json({ ...problem, ...more }, status)
}
