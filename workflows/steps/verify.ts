// Step 13: recovered is measured, and verified means that it held.
import type { Measured, Soaked } from '../../activities/types.ts'
import type { NotWell, WhyNotTold } from '../../domain/health.ts'
import type { Check } from '../../domain/timeline.ts'
import { handsIn } from '../activities.ts'
import { orElse } from '../failed.ts'
import { nextRound, nowWaiting, record, type Story } from '../story.ts'
import { nobodyLooked } from './health.ts'
import type { FrozenPlan } from './plan.ts'
import type { Fault } from './recognise.ts'
import type { Target } from './scope.ts'

/** Whether it helped. */
export type Verified =
  | { readonly kind: 'verified'; readonly firings: number }
  /** It held, and an alert about something else goes on. */
  | { readonly kind: 'others' }
  /** Another alert fired, and not all that is alerted about is well: of the repair nothing is said. */
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'not-recovered' }
  | { readonly kind: 'cannot-tell'; readonly says: string }

export async function verify(story: Story, target: Target, plan: FrozenPlan): Promise<Verified> {
  const first = await awaitRecovery(story, target, plan)
  switch (first.health.kind) {
    case 'well':
    case 'lagging':
      break
    case 'wrong':
    case 'cannot-tell':
      return notVerified(story, target, first, first.health)
  }
  const { checks, rule } = first
  await record(story, 'verifying', { kind: 'recovered', checks, rule, soakSeconds: plan.soakSeconds })
  const soaked = await holdRecovery(story, target, plan)
  switch (soaked.kind) {
    case 'held':
      await recordVerified(story, soaked)
      return { kind: 'verified', firings: soaked.firings }
    case 'others':
      await recordVerified(story, soaked)
      await record(story, 'investigating', { kind: 'more-alerts' })
      return { kind: 'others' }
    case 'interrupted':
      await record(story, 'investigating', { kind: 'more-alerts' })
      return { kind: 'interrupted' }
    case 'not-held':
      return notVerified(story, target, soaked, soaked.health)
  }
}

/** This repair, after what held before it. */
export function heldSays({ repaired }: Story, { says, playbook }: Fault): string {
  const held = `${says}: repaired by ${playbook}, and it held.`
  return repaired === null ? held : `${repaired} ${held}`
}

function awaitRecovery(story: Story, target: Target, { plan }: FrozenPlan): Promise<Measured> {
  story.waiting = nowWaiting(`recovery of ${target.hostName}`)
  const asked = { incident: story.incident, plan, round: nextRound(story) }
  return orElse(handsIn(target.zone).awaitRecovery(asked), nobodyLooked)
}

function holdRecovery(story: Story, target: Target, { plan }: FrozenPlan): Promise<Soaked> {
  story.waiting = nowWaiting(`${target.hostName} to stay well`)
  const asked = { incident: story.incident, plan, round: nextRound(story) }
  return orElse(handsIn(target.zone).holdRecovery(asked), { kind: 'not-held', ...nobodyLooked } as const)
}

async function recordVerified(story: Story, soaked: Extract<Soaked, { kind: 'held' | 'others' }>): Promise<void> {
  const { checks, rule, heldSeconds } = soaked
  await record(story, 'verifying', { kind: 'verified', checks, rule, heldSeconds })
}

/** Only what is known to be wrong is written down as not recovered, and undone. */
async function notVerified(
  story: Story,
  target: Target,
  { checks, rule }: Measured,
  health: NotWell,
): Promise<Verified> {
  switch (health.kind) {
    case 'wrong':
      await record(story, 'investigating', { kind: 'not-recovered', checks, rule })
      return { kind: 'not-recovered' }
    case 'cannot-tell':
      return { kind: 'cannot-tell', says: untoldSays(target, health.because, checks) }
  }
}

/** Why nobody can tell whether it helped. */
function untoldSays({ hostName }: Target, because: WhyNotTold, checks: readonly Check[]): string {
  switch (because) {
    case 'nobody-looked':
      return `nobody could look whether ${hostName} recovered.`
    case 'nothing-checked':
      return `nothing is declared by which to tell whether ${hostName} recovered.`
    case 'check-unknown':
    case 'before-unknown': {
      const open = checks.flatMap(({ answer, says }) => (answer === 'unknown' ? [says] : []))
      return `not everything could be seen: whether ${open[0] ?? 'all is well'} is not known.`
    }
    case 'rule-unknown':
      return "the alert's own rule could not be asked whether it is over."
    case 'rule-looks-back':
      return 'the alert’s rule still looks back to before it, for longer than is waited for.'
  }
}
