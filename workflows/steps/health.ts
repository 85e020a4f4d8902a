// Has it ended by itself? Measured, never believed.
import type { Recovery } from '../../activities/types.ts'
import { control, handsIn } from '../activities.ts'
import { close, type Closed } from '../ending.ts'
import { orElse } from '../failed.ts'
import { nextRound, nowWaiting, record, type Story } from '../story.ts'
import type { Target } from './scope.ts'

/** Measures anew. All well and the rule clear: the ending, recorded. Anything else, also "can't be told": null. */
export async function endedByItself(story: Story, target: Target): Promise<Closed | null> {
  story.waiting = nowWaiting(`a measurement of ${target.hostName}`)
  const health = await measure(story, target)
  if (health === null || !(await isWell(story, health))) return null
  const { checks, rule, firings } = health
  await record(story, story.state, { kind: 'recovered', checks, rule, soakSeconds: 0 })
  if (story.repaired !== null) return close('recovered', story.repaired, firings)
  return close('recovered-by-itself', 'All checks hold and the alert is clear.', firings)
}

function measure(story: Story, target: Target): Promise<Recovery | null> {
  const round = nextRound(story)
  return orElse(handsIn(target.zone).checkHealth({ incident: story.incident, host: target.host, round }), null)
}

/** Where no rule can be asked, the source must have said that it is over, too. */
async function isWell({ incident }: Story, { holds, rule }: Recovery): Promise<boolean> {
  if (!holds) return false
  if (rule === 'clear') return true
  if (rule !== 'none') return false
  return (await orElse(control.readSource({ incident }), { status: 'firing' } as const)).status === 'resolved'
}
