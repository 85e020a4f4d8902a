// Hands the trace on, from what started or signalled a workflow to what the workflow does. No spans are made in here.
import type { Headers, WorkflowInterceptors } from '@temporalio/workflow'

const header = 'traceparent'

/** At most this many runs are remembered: a host's queue is shorter. */
const maximumRuns = 64

/** The incident's own trace goes with everything; a host's workflow keeps one for each run that it was asked for. */
export function interceptors(): WorkflowInterceptors {
  let own: Headers = {}
  const runs = new Map<string, Headers>()
  const headersFor = (args: readonly unknown[], given: Headers): Headers => ({
    ...given,
    ...(runs.get(runOf(args)) ?? own),
  })
  return {
    inbound: [
      {
        execute: (input, next) => {
          own = traceOf(input.headers)
          for (const [run, carried] of carriedRuns(input.headers)) runs.set(run, carried)
          return next(input)
        },
        handleSignal: (input, next) => {
          const run = runOf(input.args)
          if (run !== '' && header in input.headers && runs.size < maximumRuns) runs.set(run, traceOf(input.headers))
          return next(input)
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next({ ...input, headers: headersFor(input.args, input.headers) }),
        scheduleLocalActivity: (input, next) => next({ ...input, headers: headersFor(input.args, input.headers) }),
        signalWorkflow: (input, next) => next({ ...input, headers: headersFor(input.args, input.headers) }),
        continueAsNew: (input, next) =>
          next({ ...input, headers: { ...input.headers, ...own, ...carrying(input.args, runs) } }),
      },
    ],
  }
}

function traceOf(headers: Headers): Headers {
  const trace = headers[header]
  return trace === undefined ? {} : { [header]: trace }
}

/** The run that a message or an activity is about. */
function runOf([first]: readonly unknown[]): string {
  return typeof first === 'object' && first !== null && 'run' in first && typeof first.run === 'string' ? first.run : ''
}

/** The traces of the runs that a host carries over when it continues, each under a header of its own. */
function carrying([first]: readonly unknown[], runs: ReadonlyMap<string, Headers>): Headers {
  const queue: unknown = typeof first === 'object' && first !== null && 'queue' in first ? first.queue : []
  const waiting = Array.isArray(queue) ? queue.map((request: unknown) => runOf([request])) : []
  return Object.fromEntries(
    waiting.flatMap((run) => {
      const payload = runs.get(run)?.[header]
      return payload === undefined ? [] : [[`${header}/${run}`, payload] as const]
    }),
  )
}

function carriedRuns(headers: Headers): readonly (readonly [string, Headers])[] {
  const prefix = `${header}/`
  return Object.entries(headers)
    .filter(([name]) => name.startsWith(prefix))
    .slice(0, maximumRuns)
    .map(([name, payload]) => [name.slice(prefix.length), { [header]: payload }] as const)
}
