// Step 13: recovered is measured, and verified means that it held.
import type { HandsActivities, Recovery } from '../../activities/types.ts'
import { handsIn } from '../activities.ts'
import { orElse } from '../failed.ts'
import { nextRound, nowWaiting, record, type Story } from '../story.ts'
import type { FrozenPlan } from './plan.ts'
import type { Target } from './scope.ts'

/**
 * `interrupted`: another alert fired, and not all that is alerted about is well; of the repair nothing is said.
 * `others`: it held, and an alert about something else goes on.
 * `unseen`: nobody could look, or not at all of it, so nothing can be said.
 */
export type Verified =
  | { readonly kind: 'verified'; readonly firings: number }
  | { readonly kind: 'not-recovered' | 'interrupted' | 'others' }
  | { readonly kind: 'unseen'; readonly says: string }

export async function verify(story: Story, target: Target, plan: FrozenPlan): Promise<Verified> {
  const { soakSeconds } = plan
  story.waiting = nowWaiting(`recovery of ${target.hostName}`)
  const first = await watch(story, target, plan, 'awaitRecovery')
  if (first === null || first.unseen === true) return unseen(target, first)
  if (!first.holds) return notRecovered(story, first)
  await record(story, 'verifying', { kind: 'recovered', checks: first.checks, rule: first.rule, soakSeconds })
  story.waiting = nowWaiting(`${target.hostName} to stay well`)
  const held = await watch(story, target, plan, 'holdRecovery')
  if (held === null) return unseen(target, held)
  if (held.interrupted === true && !held.holds) return lookAgain(story, 'interrupted')
  if (held.unseen === true) return unseen(target, held)
  if (!held.holds) return notRecovered(story, held)
  const { checks, rule, heldSeconds, firings } = held
  await record(story, 'verifying', { kind: 'verified', checks, rule, heldSeconds })
  if (held.interrupted === true) return lookAgain(story, 'others')
  return { kind: 'verified', firings }
}

type Watching = keyof Pick<HandsActivities, 'awaitRecovery' | 'holdRecovery'>

function watch(story: Story, target: Target, { plan }: FrozenPlan, how: Watching): Promise<Recovery | null> {
  return orElse(handsIn(target.zone)[how]({ incident: story.incident, plan, round: nextRound(story) }), null)
}

function unseen({ hostName }: Target, seen: Recovery | null): Verified {
  if (seen === null) return { kind: 'unseen', says: `nobody could look whether ${hostName} recovered.` }
  const open = seen.checks.find((check) => check.answer !== 'holds')
  if (open !== undefined)
    return { kind: 'unseen', says: `not everything could be seen: whether ${open.says} is not known.` }
  const says =
    seen.rule === 'unknown'
      ? "the alert's own rule could not be asked whether it is over."
      : 'the alert’s rule still looks back to before it, for longer than is waited for.'
  return { kind: 'unseen', says }
}

async function notRecovered(story: Story, { checks, rule }: Recovery): Promise<Verified> {
  await record(story, 'investigating', { kind: 'not-recovered', checks, rule })
  return { kind: 'not-recovered' }
}

async function lookAgain(story: Story, kind: 'interrupted' | 'others'): Promise<Verified> {
  await record(story, 'investigating', { kind: 'more-alerts' })
  return { kind }
}
