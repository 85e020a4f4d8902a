// Group commit: what arrives while a commit is on its way shares the next one. A disk flush costs the same for one and
// for fifty.
import { Failure } from '../domain/failure.ts'
import { isStoreUnavailable } from './unavailable.ts'

export type GroupLimits = {
  /** Items of one commit. */
  readonly batch: number
  /** Commits on their way at the same time; another one begins only when a whole batch waits for it. */
  readonly lanes: number
  /** Items that may wait; one more is refused. */
  readonly queue: number
}

type Waiting<Item, Result> = {
  readonly item: Item
  readonly done: (result: Result) => void
  readonly failed: (error: unknown) => void
}

/**
 * Answers a function that commits one item, in company when there is some. `commit` answers one result per item, in
 * order. A batch that fails is tried again item by item, so that one bad item fails alone; where the store is away, it
 * fails as a whole, and with it all that wait. Throws `store.unavailable` when the queue is full.
 */
export function groupCommit<Item, Result>(
  commit: (batch: readonly Item[]) => Promise<readonly Result[]>,
  limits: GroupLimits,
): (item: Item) => Promise<Result> {
  const queue: Waiting<Item, Result>[] = []
  let busy = 0

  const settle = async (
    batch: readonly Waiting<Item, Result>[],
    behind: Waiting<Item, Result>[] = [],
  ): Promise<void> => {
    try {
      const results = await commit(batch.map(({ item }) => item))
      batch.forEach(({ done, failed }, at) => {
        const result = results[at]
        if (result === undefined) failed(new Error('a commit answered fewer results than it was given items'))
        else done(result)
      })
    } catch (error) {
      // Each further try would last as long as this one, and the senders would learn of it minutes later.
      if (isStoreUnavailable(error)) {
        for (const { failed } of [...batch, ...behind.splice(0), ...queue.splice(0)]) failed(error)
      } else if (batch.length === 1) batch[0]?.failed(error)
      else {
        const alone = [...batch]
        while (alone.length > 0) await settle(alone.splice(0, 1), alone)
      }
    }
  }

  const pump = async (): Promise<void> => {
    if (busy >= limits.lanes || (busy > 0 && queue.length < limits.batch)) return
    busy += 1
    while (queue.length > 0) await settle(queue.splice(0, limits.batch))
    busy -= 1
  }

  return (item) =>
    new Promise((done, failed) => {
      if (queue.length >= limits.queue) {
        failed(
          new Failure({
            code: 'store.unavailable',
            message: 'Too much waits to be recorded.',
            hint: 'Send it again in a few seconds.',
          }),
        )
        return
      }
      queue.push({ item, done, failed })
      void pump()
    })
}
