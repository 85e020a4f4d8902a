// Has it ended by itself? Measured, never believed.
import { CancellationScope } from '@temporalio/workflow'
import type { Recovery } from '../../activities/types.ts'
import { control, handsIn } from '../activities.ts'
import { close, handOver, type Closed, type HandedOver } from '../ending.ts'
import { orElse } from '../failed.ts'
import { nextRound, nowWaiting, record, type Story } from '../story.ts'
import type { Target } from './scope.ts'

/** Measures anew. All well and the rule clear: the ending, recorded. Anything else, also "can't be told": null. */
export async function endedByItself(story: Story, target: Target): Promise<Closed | null> {
  return ended(story, await measure(story, target))
}

/** Null when nobody could look. */
export function measure(story: Story, target: Target): Promise<Recovery | null> {
  story.waiting = nowWaiting(`a measurement of ${target.hostName}`)
  const round = nextRound(story)
  return orElse(handsIn(target.zone).checkHealth({ incident: story.incident, host: target.host, round }), null)
}

/** A measurement that nobody waits for: people are heard meanwhile. */
export type Measuring = {
  /** Null when nobody could look, or when it was dropped. */
  readonly health: Promise<Recovery | null>
  over: boolean
  /** Whoever began it drops it; it ends with its next heartbeat. Where it is over that does nothing. */
  readonly drop: () => void
}

export function beginMeasuring(story: Story, target: Target): Measuring {
  story.measuring += 1
  const scope = new CancellationScope()
  const health = scope.run(() => measure(story, target))
  const measuring: Measuring = { health, over: false, drop: () => scope.cancel() }
  const over = (): void => {
    measuring.over = true
    story.measuring -= 1
  }
  void health.then(over, over)
  return measuring
}

/**
 * The ending, recorded, where the measurement says that it is over. While nobody knows what a run of it did, or
 * after its undo failed halfway, people end it: what its host looks like now does not tell.
 */
export async function ended(story: Story, health: Recovery | null): Promise<Closed | null> {
  const unsettled = story.lost?.length !== 0 || [...story.told.values()].includes('unknown')
  if (unsettled || story.undoFailed || health === null || !(await isWell(story, health))) return null
  const { checks, rule, firings, repairedBy } = health
  await record(story, story.state, { kind: 'recovered', checks, rule, soakSeconds: 0 })
  if (story.repaired !== null) return close('recovered', story.repaired, firings)
  if (repairedBy !== undefined) {
    const says = `INC-${repairedBy} repaired it. All checks hold and the alert is clear.`
    return close('repaired-by-another', says, firings)
  }
  return close('recovered-by-itself', 'All checks hold and the alert is clear.', firings)
}

/** A sentence where all is well now, for people who get it all the same; else none. */
export async function wellSays(story: Story, target: Target): Promise<string> {
  const health = await measure(story, target)
  return health !== null && (await isWell(story, health)) ? `${wellNow} ` : ''
}

const wellNow = 'All checks hold now and the alert is clear.'

/** Every check holds and only the alert is not over: there is nothing to repair, and nobody is told that there is. */
export function onlyTheAlert({ hostName }: Target, health: Recovery | null): HandedOver | null {
  if (health === null || health.checks.length === 0) return null
  if (health.checks.some(({ answer }) => answer !== 'holds')) return null
  const alert = {
    firing: "the alert's own rule still fires",
    unknown: "the alert's own rule could not be asked whether it is over",
    none: 'no rule of that name is known, and the source has not said that it is over',
    clear: 'the alert is clear',
  }[health.rule]
  const all = health.checks.length === 1 ? 'The one check' : `All ${health.checks.length} checks`
  return handOver(
    'still-firing',
    `${all} of ${hostName} hold, and ${alert}. Nothing was changed; once the source says resolved it closes by itself.`,
  )
}

/** Where no rule can be asked, the source must have said that it is over, too. */
async function isWell({ incident }: Story, { holds, rule }: Recovery): Promise<boolean> {
  if (!holds) return false
  if (rule === 'clear') return true
  if (rule !== 'none') return false
  return (await orElse(control.readSource({ incident }), { status: 'firing' } as const)).status === 'resolved'
}
