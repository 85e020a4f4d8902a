/** Names that are remembered at once; when more come, the oldest windows are forgotten. */
const maximumNames = 10_000

export type Limiter = {
  /** True for the first calls of a name within a window, then false until the next window. */
  readonly take: (name: string, now: Date) => boolean
  /** One call of this name did not count. */
  readonly giveBack: (name: string) => void
}

/** Allows `count` calls of each name within a window of `milliseconds`. */
export function limiter(count: number, milliseconds: number): Limiter {
  const windows = new Map<string, { since: number; used: number }>()
  return {
    take: (name, now) => {
      const there = windows.get(name)
      const fresh = there === undefined || now.getTime() - there.since > milliseconds
      const window = fresh ? { since: now.getTime(), used: 0 } : there
      if (fresh) windows.delete(name)
      windows.set(name, window)
      const [oldest] = windows.keys()
      if (windows.size > maximumNames && oldest !== undefined) windows.delete(oldest)
      window.used += 1
      return window.used <= count
    },
    giveBack: (name) => {
      const window = windows.get(name)
      if (window !== undefined) window.used -= 1
    },
  }
}
