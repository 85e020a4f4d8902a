// Whether an error means that the database does not answer: everything else about it is a bug of ours.

/**
 * Node's codes for a server that is not there, and PostgreSQL's classes 08 (connection), 53 (resources) and 57P (being
 * shut down), and 57014 (no answer within the time that a statement has).
 */
const codes = /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|EACCES|08...|53...|57P..|57014)$/
/** What `pg` throws without a code. */
const messages =
  /timeout exceeded when trying to connect|Query read timeout|Connection terminated|Cannot use a pool after calling end|driver has already been destroyed/

/** True when it makes sense to answer 503 and try again later. */
export function isStoreUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string' && codes.test(error.code)) return true
  if (error instanceof AggregateError && error.errors.some(isStoreUnavailable)) return true
  return messages.test(error.message) || isStoreUnavailable(error.cause)
}
