// Heartbeats for every activity that reaches a host, so that a cancellation arrives soon and a lost worker is noticed.
import { Context } from '@temporalio/activity'
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker'

const everyMilliseconds = 2_000

export function heartbeatInterceptor(): ActivityInboundCallsInterceptor {
  return {
    execute: async (input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>) => {
      const context = Context.current()
      const timer = setInterval(() => context.heartbeat(), everyMilliseconds)
      try {
        return await next(input)
      } finally {
        clearInterval(timer)
      }
    },
  }
}
