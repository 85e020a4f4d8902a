// Receives spans as any OpenTelemetry collector would: OTLP as JSON over HTTP.
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { z } from 'zod'

const Value = z.object({ stringValue: z.string().optional(), boolValue: z.boolean().optional() }).loose()
const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  /** Nanoseconds since 1970. */
  startTimeUnixNano: z.coerce.string(),
  endTimeUnixNano: z.coerce.string(),
  attributes: z.array(z.object({ key: z.string(), value: Value })).default([]),
  status: z.object({ code: z.number().optional(), message: z.string().optional() }).default({}),
})
const Request = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(Span) })) })),
})

export type ReceivedSpan = z.output<typeof Span>

export async function spanCollector() {
  const spans: ReceivedSpan[] = []
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      for (const { scopeSpans } of Request.parse(body).resourceSpans) {
        spans.push(...scopeSpans.flatMap((scope) => scope.spans))
      }
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans: (): readonly ReceivedSpan[] => spans,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
      }),
  }
}

export function attributeOf(span: ReceivedSpan, key: string): string | undefined {
  return span.attributes.find((one) => one.key === key)?.value.stringValue
}
