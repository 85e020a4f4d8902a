// Two incidents can be one fault seen by two rules. While another one changes the host, this one waits and then looks
// again.
import { sleep } from '@temporalio/workflow'
import { control } from '../activities.ts'
import type { Search } from '../search.ts'
import { nowWaiting, record, type Story } from '../story.ts'
import type { Target } from './scope.ts'

const firstPauseMilliseconds = 1_000
const longestPauseMilliseconds = 15_000

/** In all so often: about a quarter of an hour. After that it is looked again, and policy decides about that. */
const maximumWaits = 64

/** Where it had to wait, what was measured before says nothing any more. */
export async function waitForQuiet(story: Story, target: Target, search: Search): Promise<'quiet' | 'look-again'> {
  const waitedInVain = search.waitedInVain
  search.waitedInVain = false
  if (waitedInVain) return 'quiet'
  let pause = firstPauseMilliseconds
  let named: number | null = null
  for (let waits = 0; waits < maximumWaits; waits += 1) {
    const { changedBy, number } = await control.readHost({ incident: story.incident, host: target.host })
    if (changedBy === null) return waits > 0 ? 'look-again' : 'quiet'
    if (number !== null && number !== named) {
      await record(story, 'investigating', { kind: 'waits-for', incident: number, host: target.hostName })
    }
    named = number
    story.waiting = nowWaiting(`INC-${number ?? '?'}, which is changing ${target.hostName}`)
    await sleep(pause)
    pause = Math.min(longestPauseMilliseconds, pause * 1.5)
  }
  search.waitedInVain = true
  return 'look-again'
}
