// Has it ended by itself? Measured, never believed.
import { CancellationScope } from '@temporalio/workflow'
import type { Measured, MeasuredAlone } from '../../activities/types.ts'
import { everyCheckHolds } from '../../domain/health.ts'
import { handsIn } from '../activities.ts'
import { close, handOver, type Closed, type HandedOver } from '../ending.ts'
import { orElse } from '../failed.ts'
import { nextRound, nowWaiting, record, type Story } from '../story.ts'
import type { Target } from './scope.ts'
import { sourceResolved } from './source.ts'

/** Measures anew. All well and the rule clear: the ending, recorded. Anything else, also "can't be told": null. */
export async function endedByItself(story: Story, target: Target): Promise<Closed | null> {
  return endingBy(story, await measure(story, target))
}

/** What a measurement that nobody could make says. */
export const nobodyLooked = {
  health: { kind: 'cannot-tell', because: 'nobody-looked' },
  checks: [],
  rule: 'unknown',
  firings: 0,
} as const satisfies Measured

export function measure(story: Story, target: Target): Promise<MeasuredAlone> {
  story.waiting = nowWaiting(`a measurement of ${target.hostName}`)
  const round = nextRound(story)
  const { incident } = story
  return orElse(handsIn(target.zone).checkHealth({ incident, host: target.host, round }), nobodyLooked)
}

/** A measurement that nobody waits for: people are heard meanwhile. */
export type Measuring = {
  /** That nobody looked, also when it was dropped. */
  readonly measured: Promise<MeasuredAlone>
  over: boolean
  /** Whoever began it drops it; it ends with its next heartbeat. Where it is over that does nothing. */
  readonly drop: () => void
}

export function beginMeasuring(story: Story, target: Target): Measuring {
  story.measuring += 1
  const scope = new CancellationScope()
  const measured = scope.run(() => measure(story, target))
  const measuring: Measuring = { measured, over: false, drop: () => scope.cancel() }
  const over = (): void => {
    measuring.over = true
    story.measuring -= 1
  }
  void measured.then(over, over)
  return measuring
}

/** It is measured, or there is something to measure: what the source says meanwhile is read afterwards. */
export function hasChanged({ sourceChanged }: Story, measuring: Measuring | null): boolean {
  return measuring === null ? sourceChanged : measuring.over
}

/**
 * The ending, recorded, where the measurement says that it is over. While nobody knows what a run of it did, or
 * after its undo failed halfway, people end it: what its host looks like now does not tell.
 */
export async function endingBy(story: Story, measured: MeasuredAlone): Promise<Closed | null> {
  const unsettled = story.lost?.length !== 0 || [...story.outcomes.values()].includes('unknown')
  if (unsettled || story.undoFailed || !(await isOver(story, measured))) return null
  const { checks, rule, firings, repairedBy } = measured
  await record(story, story.state, { kind: 'recovered', checks, rule, soakSeconds: 0 })
  if (story.repaired !== null) return close('recovered', story.repaired, firings)
  if (repairedBy !== undefined) {
    const says = `INC-${repairedBy} repaired it. All checks hold and the alert is clear.`
    return close('repaired-by-another', says, firings)
  }
  const ran = [...story.outcomes.values()].some((kind) => kind !== 'refused')
  const part = ran ? ' Whether what was run before had a part in it is not known.' : ''
  return close('recovered-by-itself', `All checks hold and the alert is clear.${part}`, firings)
}

/** A sentence where all is well now, for people who get it all the same; else none. */
export async function wellSays(story: Story, target: Target): Promise<string> {
  return (await isOver(story, await measure(story, target))) ? `${wellNow} ` : ''
}

const wellNow = 'All checks hold now and the alert is clear.'

/**
 * Every check holds and only the alert is not over: there is nothing to repair, and nobody is told that there is.
 * `before`: a sentence about what was tried, empty where nothing was.
 */
export function onlyTheAlert(
  { hostName }: Target,
  { health, checks, rule }: Measured,
  before: string,
): HandedOver | null {
  if (!everyCheckHolds(health)) return null
  const alert = {
    firing: "the alert's own rule still fires",
    unknown: "the alert's own rule could not be asked whether it is over",
    none: 'no rule of that name is known, and the source has not said that it is over',
    clear: 'the alert is clear',
  }[rule]
  const hold =
    checks.length === 1 ? `The one check of ${hostName} holds` : `All ${checks.length} checks of ${hostName} hold`
  const changed = before === '' ? ' Nothing was changed.' : before
  return handOver('still-firing', `${hold}, and ${alert}.${changed} Once the source says resolved it closes by itself.`)
}

/** Where no rule can be asked, the source must have said that it is over, too. */
async function isOver(story: Story, { health, rule }: Measured): Promise<boolean> {
  switch (health.kind) {
    case 'well':
      return rule === 'clear' || sourceResolved(story)
    case 'lagging':
    case 'wrong':
    case 'cannot-tell':
      return false
  }
}
