// Work on several hosts at the same time, each taking the next piece when it is done with one.
import type { Target } from '../fault.ts'

/** What came of each piece, in the order of the pieces. The first fault is thrown when all hosts have stopped. */
export async function sideBySide<Job, Made>(
  targets: readonly Target[],
  jobs: readonly Job[],
  work: (target: Target, job: Job) => Promise<Made>,
): Promise<readonly Made[]> {
  const made = new Map<number, Made>()
  const waiting = [...jobs.entries()]
  const ended = await Promise.allSettled(
    targets.map(async (target) => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        const [at, job] = one
        made.set(at, await work(target, job))
      }
    }),
  )
  for (const one of ended) if (one.status === 'rejected') throw one.reason
  return jobs.flatMap((_, at) => {
    const one = made.get(at)
    return one === undefined ? [] : [one]
  })
}
