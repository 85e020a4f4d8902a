// How often one-time codes may be tried. Only failures count, for each address by itself: nobody locks out another.
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { isIPv6 } from 'node:net'
import { Failure } from '../domain/failure.ts'
import type { Config } from '../runtime/config.ts'
import { limiter } from './limiter.ts'

/** Failures of one address within a minute; then its tries are refused unread. */
const failuresPerAddress = 10
/** Failures of all other machines together; this machine's own address is not held up by theirs. */
const failuresTogether = 600
const windowMilliseconds = 60_000

export type LoginLimit = {
  /** Tries it, unless this address failed too often. Throws `input.too-many` then, and whatever `login` throws. */
  readonly tried: <Result>(address: string, now: Date, login: () => Promise<Result>) => Promise<Result>
}

export function loginLimit(): LoginLimit {
  const perAddress = limiter(failuresPerAddress, windowMilliseconds)
  const together = limiter(failuresTogether, windowMilliseconds)
  return {
    tried: async (address, now, login) => {
      // Counted before, so that many at once are not more than one after the other; given back when it was right.
      const counts = address === 'local' ? [perAddress] : [perAddress, together]
      const taken = counts.map((count) => count.take(count === together ? 'all' : address, now))
      if (taken.includes(false)) throw tooMany()
      const result = await login()
      for (const count of counts) count.giveBack(count === together ? 'all' : address)
      return result
    },
  }
}

/**
 * Whose failure it is: `local` for this machine, an IPv4 address, or the first half of an IPv6 address, of which one
 * household has as many as it likes. What a header says counts only behind a proxy that the config names, and there
 * only the entry that this proxy wrote.
 */
export function addressOf(c: Context, { listen }: Pick<Config, 'listen'>): string {
  const remote = plain(remoteOf(c))
  const proxies = new Set(listen.trustedProxies?.map(plain))
  if (!proxies.has(remote)) return isLocal(remote) ? 'local' : grouped(remote)
  const hops = (c.req.header('x-forwarded-for') ?? '').split(',').map((hop) => plain(hop.trim()))
  return grouped(hops.findLast((hop) => hop !== '' && !proxies.has(hop)) ?? remote)
}

/** Empty where no socket is behind a request. */
export function remoteOf({ env }: Context): string {
  // Hono leaves to the server what `env` holds; ours puts the request's socket there.
  const { incoming } = (env ?? {}) as Partial<HttpBindings>
  return incoming?.socket.remoteAddress ?? ''
}

function plain(address: string): string {
  return address.replace(/^::ffff:/i, '').toLowerCase()
}

export function isLocal(address: string): boolean {
  return address === '::1' || plain(address).startsWith('127.')
}

function grouped(address: string): string {
  if (!isIPv6(address)) return address.slice(0, 64)
  const [head = '', tail] = address.split('::')
  const left = head.split(':').filter((part) => part !== '')
  const right = (tail ?? '').split(':').filter((part) => part !== '')
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}

function tooMany(): Failure {
  return new Failure({
    code: 'input.too-many',
    message: 'Too many wrong codes were tried from here.',
    hint: 'Wait a minute.',
  })
}
