// What came from somebody without our key does nothing: a start ends at once, a signal is dropped, an update is
// refused, and an activity's answer is a failure.
import { ApplicationFailure, log, type WorkflowInterceptors } from '@temporalio/workflow'
import { isForged } from '../domain/forged.ts'
import { alertsChanged } from './messages.ts'

/** Tells nothing but that SQL holds news, so anybody may send it. */
const bare = alertsChanged.name

export function interceptors(): WorkflowInterceptors {
  return {
    inbound: [
      {
        execute: async (input, next) => (isOurs(input.args) ? next(input) : drop('a start')),
        handleSignal: async (input, next) =>
          input.signalName === bare || isOurs(input.args) ? next(input) : drop(`the signal ${input.signalName}`),
        validateUpdate: (input, next) => {
          if (!isOurs(input.args)) throw notOurs(`The update ${input.name}`)
          next(input)
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: async (input, next) => answerOf(input.activityType, await next(input)),
        scheduleLocalActivity: async (input, next) => answerOf(input.activityType, await next(input)),
      },
    ],
  }
}

/** Every message of ours is one object. Handlers take it apart, so one that is missing must not reach them. */
function isOurs(args: readonly unknown[]): boolean {
  const [message] = args
  return args.length === 1 && typeof message === 'object' && message !== null && !isForged(message)
}

/** Each activity answers something: an answer that is missing was not given by ours. */
function answerOf(activity: string, answer: unknown): unknown {
  if (answer === undefined || isForged(answer)) throw notOurs(`The answer to ${activity}`)
  return answer
}

function drop(what: string): undefined {
  log.warn(`${what} that is not ours was dropped`)
}

function notOurs(what: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`${what} is not ours.`, 'bug')
}
