// The port. Off loopback it speaks TLS itself, or only to the proxies that the config names; anything else is refused
// at the start.
import { createServer as createSecureServer } from 'node:https'
import { createServer } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import { Failure } from '../domain/failure.ts'
import type { Config } from '../runtime/config.ts'
import { publicUrl } from '../runtime/public-url.ts'

/** A sender that dribbles its body holds a connection no longer than this, milliseconds. */
const requestMilliseconds = 10_000
const keepAliveMilliseconds = 60_000
/** What is still under way when we end, such as a page's live events, is cut after this. */
const graceMilliseconds = 2_000

export type Serving = { readonly close: () => Promise<void> }

type Fetch = (request: Request) => Response | Promise<Response>

/** Listens. Throws `config.invalid` naming the key that makes it unsafe or impossible. */
export async function serveApp(config: Config, fetch: Fetch, secret: (reference: string) => string): Promise<Serving> {
  const { address, port, tls, trustedProxies } = config.listen
  checkExposure(config)
  const timing = {
    requestTimeout: requestMilliseconds,
    headersTimeout: requestMilliseconds,
    keepAliveTimeout: keepAliveMilliseconds,
  }
  const server =
    tls === undefined
      ? createAdaptorServer({ fetch, createServer, serverOptions: timing })
      : createAdaptorServer({
          fetch,
          createServer: createSecureServer,
          serverOptions: { ...timing, cert: secret(tls.certificate), key: secret(tls.key), minVersion: 'TLSv1.2' },
        })
  if (trustedProxies !== undefined) onlyFrom(server, trustedProxies)
  await listening(server, address, port)
  return { close: () => closed(server) }
}

/** Plain HTTP to the world would carry sessions and webhook tokens in clear. */
function checkExposure(config: Config): void {
  const { address, tls, trustedProxies } = config.listen
  if (isLoopback(address) || tls !== undefined) return
  if (trustedProxies === undefined || trustedProxies.length === 0) {
    throw new Failure({
      code: 'config.invalid',
      message: `listen.address ${address} is not loopback, and neither listen.tls nor listen.trustedProxies is set.`,
      hint: 'Add `tls: { certificate: file:/…, key: file:/… }` or `trustedProxies: [address of the proxy]` below `listen`.',
    })
  }
  if (publicUrl(config).startsWith('https:')) return
  throw new Failure({
    code: 'config.invalid',
    message: 'Behind a proxy people must come by https, and `url` does not begin with it.',
    hint: 'Set `url: https://…` to the address of the proxy.',
  })
}

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
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
