// Prefix caching as providers do it: an exact byte prefix, up to a breakpoint, for five minutes.
import { createHash } from 'node:crypto'
import { type Block, type Heard, tokensOf, type Usage } from './heard.ts'

const lifetimeMilliseconds = 300_000
/** A breakpoint finds what ended so many blocks before it. */
const lookBack = 20
const mostPrefixes = 10_000
const smallMinimum = 512
const usualMinimum = 1_024

/** The fewest tokens that this model caches. */
export function minimumOf(model: string): number {
  return /opus|fable/.test(model) ? smallMinimum : usualMinimum
}

/** What was sent, as usage without the output; remembers it for the next request. */
export type PrefixCache = (heard: Heard) => Omit<Usage, 'output'>

/** `now`: milliseconds of any clock that only goes forward. */
export function prefixCache(now: () => number = () => performance.now()): PrefixCache {
  /** When it ends, by digest of the prefix. */
  const ends = new Map<string, number>()
  return ({ blocks, model, key, protocol }) => {
    const marks = prefixesOf(blocks, `${protocol} ${model} ${key}`)
    const minimum = minimumOf(model)
    const breakpoints = marks.filter(({ breakpoint, tokens }) => breakpoint && tokens >= minimum)
    const at = now()
    const known = breakpoints.flatMap(({ index }) =>
      marks
        .slice(Math.max(0, index - lookBack), index + 1)
        .filter(({ digest, tokens }) => tokens >= minimum && (ends.get(digest) ?? 0) > at),
    )
    const cacheRead = Math.max(0, ...known.map(({ tokens }) => tokens))
    const upTo = Math.max(cacheRead, ...breakpoints.map(({ tokens }) => tokens))
    const fresh = [...breakpoints, ...known].map(({ digest }) => digest)
    for (const digest of fresh) {
      ends.delete(digest)
      ends.set(digest, at + lifetimeMilliseconds)
    }
    for (const [oldest] of ends) {
      if (ends.size <= mostPrefixes) break
      ends.delete(oldest)
    }
    const whole = marks.at(-1)?.tokens ?? 0
    return { input: whole - upTo, cacheRead, cacheWrite: upTo - cacheRead }
  }
}

type Prefix = {
  readonly index: number
  readonly digest: string
  readonly tokens: number
  readonly breakpoint: boolean
}

function prefixesOf(blocks: readonly Block[], owner: string): readonly Prefix[] {
  const hash = createHash('sha256').update(owner)
  let tokens = 0
  return blocks.map(({ bytes, breakpoint }, index) => {
    hash.update(`\n${bytes}`)
    tokens += tokensOf(bytes)
    return { index, digest: hash.copy().digest('hex'), tokens, breakpoint }
  })
}
