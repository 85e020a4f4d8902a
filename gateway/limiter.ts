/**
 * Answers true for the first `count` calls of a name within a window of `milliseconds`, then false until the next
 * window.
 */
export function limiter(count: number, milliseconds: number): (name: string, now: Date) => boolean {
  const windows = new Map<string, { since: number; used: number }>()
  return (name, now) => {
    const there = windows.get(name)
    const fresh = there === undefined || now.getTime() - there.since > milliseconds
    const window = fresh ? { since: now.getTime(), used: 0 } : there
    windows.set(name, window)
    window.used += 1
    return window.used <= count
  }
}
