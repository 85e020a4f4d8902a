// Two incidents can be one fault seen by two rules. While another one changes the host, this one waits and then looks
// again.
import { sleep } from '@temporalio/workflow'
import { control } from '../activities.ts'
import { nowWaiting, record, type Story } from '../story.ts'
import type { Target } from './scope.ts'

const firstPauseMilliseconds = 1_000
const longestPauseMilliseconds = 15_000

/** In all so often: about a quarter of an hour. After that policy decides about what is seen then. */
const maximumWaits = 64

/** Whether it had to wait, for then what was measured before says nothing any more; `never`: for as long as it does. */
export type Quiet = 'at-once' | 'after-waiting' | 'never'

export async function waitForQuiet(story: Story, target: Target): Promise<Quiet> {
  let pause = firstPauseMilliseconds
  let told: number | null = null
  for (let waits = 0; waits < maximumWaits; waits += 1) {
    const { changedBy, number } = await control.readHost({ incident: story.incident, host: target.host })
    if (changedBy === null) return waits > 0 ? 'after-waiting' : 'at-once'
    if (number !== null && number !== told) {
      await record(story, 'investigating', { kind: 'waits-for', incident: number, host: target.hostName })
    }
    told = number
    story.waiting = nowWaiting(`INC-${number ?? '?'}, which is changing ${target.hostName}`)
    await sleep(pause)
    pause = Math.min(longestPauseMilliseconds, pause * 1.5)
  }
  return 'never'
}
