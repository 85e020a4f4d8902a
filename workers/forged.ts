// Whoever reaches Temporal can ask our workers for any activity. Without our key they ask for nothing.
import { ApplicationFailure } from '@temporalio/common'
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker'
import { isForged } from '../domain/forged.ts'

export function forgedInterceptor(): ActivityInboundCallsInterceptor {
  return {
    execute: async (input, next) => {
      if (input.args.some(isForged)) throw ApplicationFailure.nonRetryable('What was asked is not ours.', 'bug')
      return next(input)
    },
  }
}
