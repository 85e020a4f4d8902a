// Spans: each says what was done, for whom, how it ended, and which class of error it met. Without an endpoint all of
// it does nothing.
import {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
} from '@opentelemetry/api'
import { failureCode } from '../domain/failure.ts'

const tracer = trace.getTracer('millwright')

/** The W3C header of the span that is active now; null when nothing is traced. */
export function activeTraceparent(): string | null {
  const carrier: { traceparent?: string } = {}
  propagation.inject(context.active(), carrier)
  return carrier.traceparent ?? null
}

type SpanOptions = {
  readonly attributes?: Attributes
  /** W3C header of the span that this one belongs to; default: the active one. */
  readonly parent?: string | null
  readonly startTime?: Date
  readonly kind?: SpanKind
  /** Begins a trace of its own. */
  readonly root?: boolean
}

/**
 * Does something inside a span. A value with a `kind` or `status` is its outcome; an error is recorded by its class,
 * never by its text.
 */
export async function inSpan<Result>(name: string, options: SpanOptions, act: () => Promise<Result>): Promise<Result> {
  const { attributes = {}, parent = null, startTime, kind = SpanKind.INTERNAL, root = false } = options
  const before = parent === null ? context.active() : contextOf(parent)
  const span = tracer.startSpan(
    name,
    { attributes, kind, root, ...(startTime === undefined ? {} : { startTime }) },
    before,
  )
  try {
    const result = await context.with(trace.setSpan(before, span), act)
    span.setAttribute('millwright.outcome', outcomeOf(result))
    return result
  } catch (error) {
    const type = errorClass(error)
    span.setAttributes({ 'millwright.outcome': 'error', 'error.type': type })
    span.setStatus({ code: SpanStatusCode.ERROR, message: type })
    throw error
  } finally {
    span.end()
  }
}

/** A span that outlasts one call: what fails inside it is tried again, and it is still one span. */
export type OpenSpan = {
  /** With it as the active span. An error stands in it as an event, by its class. */
  readonly inside: <Result>(act: () => Promise<Result>) => Promise<Result>
  readonly end: (outcome: string) => void
}

export function openSpan(name: string, { attributes = {}, startTime, kind, root }: SpanOptions): OpenSpan {
  const span = tracer.startSpan(name, {
    attributes,
    ...(startTime === undefined ? {} : { startTime }),
    ...(kind === undefined ? {} : { kind }),
    ...(root === undefined ? {} : { root }),
  })
  return {
    inside: async (act) => {
      try {
        return await context.with(trace.setSpan(context.active(), span), act)
      } catch (error) {
        span.addEvent('tried', { 'error.type': errorClass(error) })
        throw error
      }
    },
    end: (outcome) => {
      span.setAttribute('millwright.outcome', outcome)
      span.end()
    },
  }
}

/** A span that is known only when it is over. */
export function spanOf(name: string, startTime: Date, attributes: Attributes, errorType: string | null): void {
  const span = tracer.startSpan(name, { startTime, attributes })
  if (errorType !== null) {
    span.setAttribute('error.type', errorType)
    span.setStatus({ code: SpanStatusCode.ERROR, message: errorType })
  }
  span.end()
}

function contextOf(traceparent: string): Context {
  return propagation.extract(context.active(), { traceparent })
}

function outcomeOf(result: unknown): string {
  if (typeof result !== 'object' || result === null) return 'ok'
  if ('kind' in result && typeof result.kind === 'string') return result.kind
  if ('state' in result && typeof result.state === 'string') return result.state
  return 'holds' in result && result.holds === false ? 'does not hold' : 'ok'
}

/** Our own code, or the class of a foreign error. Messages may hold anything; they stay out. */
function errorClass(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'type' in error && typeof error.type === 'string')
    return error.type
  const code = failureCode(error)
  return code === 'bug' && error instanceof Error ? error.name : code
}
