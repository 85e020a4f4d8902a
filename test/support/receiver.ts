// A receiver on loopback that keeps what it is sent and answers as it is told.
import { createServer, type IncomingHttpHeaders } from 'node:http'

export type Received = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }

export type Receiver = {
  readonly url: string
  readonly received: Received[]
  /** Statuses of the next answers; after them 200. A refusal repeats what it was sent, as some servers do. */
  readonly answers: number[]
  readonly end: () => Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const answers: number[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() })
      const status = answers.shift() ?? 200
      response.writeHead(status).end(status < 300 ? 'received' : JSON.stringify(request.headers))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const end = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, received, answers, end }
}
