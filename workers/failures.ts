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

function asFailure(error: unknown, redact: (text: string) => string): unknown {
  if (!(error instanceof Error) || error.name !== 'Failure') return error
  const code = failureCode(error)
  return ApplicationFailure.create({
    type: code,
    message: redact(error.message),
    nonRetryable: !failureCodes[code].retry,
  })
}
