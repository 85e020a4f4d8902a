// So many at the same time; the others wait, in the order in which they came.

export type Turns = {
  /** True when it is one's turn, false when that did not come within `milliseconds`. */
  readonly take: (milliseconds: number) => Promise<boolean>
  /** Once after each turn that was taken. */
  readonly giveBack: () => void
}

export function createTurns(most: number): Turns {
  let free = most
  const waiting = new Set<() => void>()
  return {
    take: async (milliseconds) => {
      if (free > 0) {
        free -= 1
        return true
      }
      return new Promise((resolve) => {
        const called = (): void => {
          clearTimeout(patience)
          resolve(true)
        }
        const patience = setTimeout(() => {
          waiting.delete(called)
          resolve(false)
        }, milliseconds)
        waiting.add(called)
      })
    },
    giveBack: () => {
      const [next] = waiting
      if (next === undefined) {
        free += 1
        return
      }
      waiting.delete(next)
      next()
    },
  }
}
