// The port. Off loopback it speaks TLS itself, or only to the proxies that the config names; anything else is refused
// at the start.
import { createServer as createSecureServer } from 'node:https'
import { createServer } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import { Failure } from '../domain/failure.ts'
import type { Config } from '../runtime/config.ts'
import { exposureProblem } from '../runtime/exposure.ts'

/** What one sender may take of the port; times in milliseconds. */
export const portLimits = {
  /** From a connection's or a request's first moment to the request's last byte. */
  request: 10_000,
  /** How long a connection without a request stays open. */
  idle: 60_000,
  /** How often it is looked which ones took too long. */
  check: 1_000,
  /** At the same time. When one more comes, those without a request are closed, so that the next finds room. */
  connections: 2_000,
}
/** What is still under way when we end, such as a page's live events, is cut after this. */
const graceMilliseconds = 2_000

export type Serving = { readonly close: () => Promise<void> }

type PortParts = {
  readonly fetch: (request: Request) => Response | Promise<Response>
  readonly secret: (reference: string) => string
  readonly limits?: typeof portLimits
}

/** Listens. Throws `config.invalid` naming the key that makes it unsafe or impossible. */
export async function serveApp(config: Config, parts: PortParts): Promise<Serving> {
  const { fetch, secret, limits = portLimits } = parts
  const { address, port, tls, trustedProxies } = config.listen
  const exposed = exposureProblem(config)
  if (exposed !== null) throw new Failure({ code: 'config.invalid', ...exposed })
  const timing = {
    requestTimeout: limits.request,
    headersTimeout: limits.request,
    keepAliveTimeout: limits.idle,
    connectionsCheckingInterval: limits.check,
  }
  const server =
    tls === undefined
      ? createAdaptorServer({ fetch, createServer, serverOptions: timing })
      : createAdaptorServer({
          fetch,
          createServer: createSecureServer,
          serverOptions: {
            ...timing,
            handshakeTimeout: limits.request,
            cert: secret(tls.certificate),
            key: secret(tls.key),
            minVersion: 'TLSv1.2',
          },
        })
  server.maxConnections = limits.connections
  server.on('drop', () => 'closeIdleConnections' in server && server.closeIdleConnections())
  if (trustedProxies !== undefined) onlyFrom(server, trustedProxies)
  await listening(server, address, port)
  return { close: () => closed(server) }
}

function onlyFrom(server: ServerType, proxies: readonly string[]): void {
  const known = new BlockList()
  for (const proxy of proxies) known.addAddress(proxy, isIP(proxy) === 6 ? 'ipv6' : 'ipv4')
  server.on('connection', (socket) => {
    const remote = socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''
    if (!known.check(remote, isIP(remote) === 6 ? 'ipv6' : 'ipv4')) socket.destroy()
  })
}

function listening(server: ServerType, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: Error) => {
      const message = `The gateway can't listen on ${address}:${port}.`
      reject(
        new Failure({
          code: 'config.invalid',
          message,
          hint: 'Change `listen` in the config, or end what listens there.',
          cause,
        }),
      )
    })
    server.listen(port, address, () => resolve())
  })
}

/** New connections are refused at once, requests under way get their answer within the grace. */
function closed(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), graceMilliseconds)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}
