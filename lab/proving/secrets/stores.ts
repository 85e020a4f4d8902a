// A log store and a metric store, at the wire: whatever is asked, they answer what was planted.
import { createServer, type ServerResponse } from 'node:http'

export type Stores = {
  readonly url: string
  /** `lines` of logs; `labels`: the value of one label for each series. */
  readonly holds: (planted: { readonly lines: readonly string[]; readonly labels: readonly string[] }) => void
  readonly stop: () => Promise<void>
}

export async function startStores(): Promise<Stores> {
  let lines: readonly string[] = []
  let labels: readonly string[] = []
  const seconds = (): number => Math.floor(Date.now() / 1_000)
  const loki = () => [
    { stream: { app: 'shop' }, values: lines.map((line, at) => [`${seconds()}${String(at).padStart(9, '0')}`, line]) },
  ]
  const prometheus = () => labels.map((note) => ({ metric: { __name__: 'errors', note }, value: [seconds(), '1'] }))
  const server = createServer((request, response) => {
    request.resume()
    if (request.url?.startsWith('/loki/') === true) answer(response, 'streams', loki())
    else answer(response, 'vector', prometheus())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port on loopback')
  return {
    url: `http://127.0.0.1:${address.port}`,
    holds: (planted) => void ({ lines, labels } = planted),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(response: ServerResponse, resultType: string, result: readonly object[]): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ status: 'success', data: { resultType, result } }))
}
