// Lets the monitoring host reach a webhook that listens on this machine's loopback only.
import { connect, createServer, type Server } from 'node:net'
import { bridgeName, gatewayAddress } from './network.ts'

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
const maxConnections = 64

/** The address to give to the lab's Alertmanager, and what to close in the end. */
export type Relay = { readonly url: string; readonly close: () => void }

/**
 * Passes bytes from the lab's bridge to the webhook when that is on loopback; any other address is used as it is.
 * Only the lab's own subnet is served.
 */
export async function relayTo(webhookUrl: string, subnet: number): Promise<Relay> {
  const url = new URL(webhookUrl)
  if (!loopback.has(url.hostname)) return { url: webhookUrl, close: () => undefined }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const prefix = gatewayAddress(subnet).replace(/\d+$/, '')
  const server = createServer((inside) => {
    if (inside.remoteAddress?.startsWith(prefix) !== true) {
      inside.destroy()
      return
    }
    const outside = connect({ host, port, noDelay: true })
    inside.setNoDelay(true)
    for (const [one, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  server.maxConnections = maxConnections
  const bound = await listen(server, gatewayAddress(subnet))
  url.hostname = gatewayAddress(subnet)
  url.port = String(bound)
  return { url: url.href, close: () => server.close() }
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port: 0 }, () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error(`No port on ${bridgeName(0)}.`))
      else resolve(address.port)
    })
  })
}
