// Random numbers that come again with the same seed, so that a try that failed can be made again.

export type Random = {
  /** From 0 up to, not including, 1. */
  readonly next: () => number
  /** A number between both. */
  readonly between: (least: number, most: number) => number
  /** One of a list that is not empty. */
  readonly pick: <T>(items: readonly [T, ...T[]]) => T
  readonly shuffled: <T>(items: readonly T[]) => readonly T[]
}

/** The largest seed; seeds are whole numbers from 0. */
export const largestSeed = 2 ** 32 - 1

/** Mulberry32: small, even enough for choosing moments, and never for secrets. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    between: (least, most) => least + next() * (most - least),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    shuffled: (items) =>
      items
        .map((item) => ({ item, at: next() }))
        .toSorted((one, other) => one.at - other.at)
        .map(({ item }) => item),
  }
}
