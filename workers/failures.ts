// A Failure on its way into Temporal: its code is the type, and the code's table says whether trying again can help.
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker'
import { ApplicationFailure } from '@temporalio/common'
import { failureCode, failureCodes } from '../domain/failure.ts'

/**
 * What is not a Failure (a lost database connection, a bug of a library) is tried again within the activity's limits.
 */
export function failureInterceptor(redact: (text: string) => string): ActivityInboundCallsInterceptor {
  return {
    execute: async (input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>) => {
      try {
        return await next(input)
      } catch (error) {
        throw asFailure(error, redact)
      }
    },
  }
}

/** Somebody else's word never makes us wait longer. */
const longestWaitMilliseconds = 300_000
/** Causes of causes that are looked at; what is deeper is cut off. */
const maximumCauses = 10

function asFailure(error: unknown, redact: (text: string) => string): unknown {
  if (!(error instanceof Error)) return error
  if (error.name !== 'Failure') return redacted(error, redact, maximumCauses)
  const code = failureCode(error)
  const wait = waitOf(error)
  return ApplicationFailure.create({
    type: code,
    message: redact(error.message),
    nonRetryable: !failureCodes[code].retry,
    ...(wait === null ? {} : { nextRetryDelay: wait }),
  })
}

/** Milliseconds; null where nobody said when to come back. */
function waitOf(error: Error): number | null {
  const wait = 'retryAfterMilliseconds' in error ? error.retryAfterMilliseconds : undefined
  return typeof wait === 'number' && wait > 0 ? Math.min(wait, longestWaitMilliseconds) : null
}

/** The same error, so that it counts as what it is: libraries repeat what they were given in what they say. */
function redacted(error: Error, redact: (text: string) => string, causes: number): Error {
  const { cause } = error
  const safe = {
    message: redact(error.message),
    stack: redact(error.stack ?? ''),
    ...(cause instanceof Error ? { cause: causes === 0 ? undefined : redacted(cause, redact, causes - 1) } : {}),
  }
  for (const [name, value] of Object.entries(safe)) Object.defineProperty(error, name, { value })
  return error
}
