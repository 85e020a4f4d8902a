// Whether a call that failed may stand on the bill.

/** Errors of a connection that never stood. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
const maximumCauses = 10

/** False only where it is known that nothing was paid: it was refused with a status, or nobody was reached. */
export function mayBePaid(error: unknown): boolean {
  let cause = error
  for (let depth = 0; depth < maximumCauses && cause instanceof Error; depth += 1) {
    if ('status' in cause && typeof cause.status === 'number' && cause.status >= 400) return false
    if ('code' in cause && typeof cause.code === 'string' && neverSent.has(cause.code)) return false
    cause = cause.cause
  }
  return true
}
