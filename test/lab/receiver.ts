// A webhook receiver that keeps what it is sent: stands for Millwright's gateway where only the lab is under test.
import { createServer } from 'node:http'
import * as z from 'zod'

const Payload = z.looseObject({
  version: z.literal('4'),
  alerts: z.array(z.looseObject({ status: z.string(), labels: z.record(z.string(), z.string()) })),
})

export type Received = {
  readonly at: number
  readonly bearer: string | undefined
  readonly payload: z.infer<typeof Payload>
}

/** Labels and what they are, or what is in them. */
type Wanted = Readonly<Record<string, string | RegExp>>
type Which = { readonly status?: 'firing' | 'resolved'; readonly since?: number }

export type Receiver = {
  readonly url: string
  readonly received: readonly Received[]
  /**
   * Resolves with the first delivery, past or future, that holds such an alert. `since`: a moment of
   * `performance.now()`.
   */
  readonly waitFor: (labels: Wanted, which?: Which) => Promise<Received>
  readonly close: () => void
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const payload = Payload.parse(JSON.parse(Buffer.concat(chunks).toString()))
      received.push({ at: performance.now(), bearer: request.headers.authorization, payload })
      response.writeHead(202).end()
      for (const look of waiting) look()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const find = (labels: Wanted, { status = 'firing', since = 0 }: Which): Received | undefined =>
    received.find(
      ({ at, payload }) =>
        at >= since && payload.alerts.some((alert) => alert.status === status && holds(alert.labels, labels)),
    )
  return {
    url: `http://127.0.0.1:${String(port)}/hooks/v1/alertmanager`,
    received,
    waitFor: (labels, which = {}) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = find(labels, which)
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function holds(labels: Readonly<Record<string, string>>, wanted: Wanted): boolean {
  return Object.entries(wanted).every(([name, value]) =>
    typeof value === 'string' ? labels[name] === value : value.test(labels[name] ?? ''),
  )
}
