// Whether the port may stand where the config puts it: plain HTTP to the world would carry sessions and webhook tokens
// in clear.
import type { Config } from './config.ts'

type Exposed = { readonly message: string; readonly hint: string }

/** What makes the port unsafe, and what to add; null when it is safe. */
export function exposureProblem({ listen, url }: Pick<Config, 'listen' | 'url'>): Exposed | null {
  const { address, tls, trustedProxies } = listen
  if (isLoopback(address) || tls !== undefined) return null
  if (trustedProxies === undefined || trustedProxies.length === 0) {
    return {
      message: `listen.address ${address} is not loopback, and neither listen.tls nor listen.trustedProxies is set.`,
      hint: 'Add `tls: { certificate: file:/…, key: file:/… }` or `trustedProxies: [address of the proxy]` below `listen`.',
    }
  }
  if (url?.startsWith('https:') === true) return null
  return {
    message: 'Behind a proxy people must come by https, and `url` does not begin with it.',
    hint: 'Set `url: https://…` to the address of the proxy.',
  }
}

/** `address`: as a config or a URL writes it. */
export function isLoopback(address: string): boolean {
  return ['localhost', '::1', '[::1]'].includes(address) || /^127(\.\d{1,3}){3}$/.test(address)
}
