// Carries the trace through Temporal in a header of our own: into workflows by the client, out of it again in
// activities.
import type { WorkflowClientInterceptor } from '@temporalio/client'
import { defaultPayloadConverter, type Headers } from '@temporalio/common'
import { activeTraceparent } from './trace.ts'

/** The name of our header; `workflows/trace.ts` copies it from step to step. */
const header = 'traceparent'

/** For every client of ours that starts or signals workflows. */
export const traceClient: WorkflowClientInterceptor = {
  startWithDetails: (input, next) => next({ ...input, headers: withTrace(input.headers) }),
  signal: (input, next) => next({ ...input, headers: withTrace(input.headers) }),
  signalWithStart: (input, next) => next({ ...input, headers: withTrace(input.headers) }),
}

/**
 * The W3C header that came with a task; null when there is none. Headers are the one thing that goes unsealed: what a
 * stranger writes there can only hang a span under a strange trace.
 */
export function traceparentOf(headers: Headers): string | null {
  try {
    const payload = headers[header]
    const value: unknown = payload === undefined ? null : defaultPayloadConverter.fromPayload(payload)
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}

function withTrace(headers: Headers): Headers {
  const traceparent = activeTraceparent()
  return traceparent === null ? headers : { ...headers, [header]: defaultPayloadConverter.toPayload(traceparent) }
}
