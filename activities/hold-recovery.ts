// Step 13, second half: watches that what recovered stays well for the soak. One failed look ends it; not being able
// to look is borne for a while. Alerts that come meanwhile are watched from then on; where not all is well, it ends.
import { countFirings } from '../store/alert.ts'
import { type Observation, observe } from './observe.ts'
import type { HandsActivities } from './types.ts'
import { cancellation, concluded, pauseUntil, secondsSince, watchPlan, type WatchDeps } from './watch-plan.ts'

/** So many looks in a soak, but not more often nor more seldom than this. */
const looks = 60
const shortestPollMilliseconds = 200
const longestPollMilliseconds = 5_000
/**
 * How long in a row something may stay unseen: a link that is away for a moment, a metric store between two
 * evaluations.
 */
const blindSeconds = 30

export function createHoldRecovery(deps: WatchDeps): HandsActivities['holdRecovery'] {
  return async ({ incident, plan: id, round }) => {
    const signal = cancellation(deps)
    let { playbook, watch, firings } = await watchPlan(deps, incident, id)
    const soak = playbook.verify.soakSeconds / deps.config.timeFactor
    const every = Math.min(longestPollMilliseconds, Math.max(shortestPollMilliseconds, (soak * 1_000) / looks))
    const at = { incident, round, host: watch.host.id }
    const began = performance.now()
    let held = 0
    for (;;) {
      const looked = performance.now()
      const seen = await observe(watch, signal)
      if (seen.holds) held = secondsSince(began)
      const end = verdict(seen, { held, soak, elapsed: secondsSince(began) })
      const heldSeconds = rounded(held)
      if (end !== null) return concluded(deps.store, at, seen, { holds: end === 'held', heldSeconds, firings })
      if ((await countFirings(deps.store, incident)) > firings) {
        ;({ watch, firings } = await watchPlan(deps, incident, id))
        const wider = await observe(watch, signal)
        const interrupted = { holds: false, heldSeconds, firings, interrupted: true } as const
        if (!wider.holds) return concluded(deps.store, at, wider, interrupted)
      }
      await pauseUntil(looked, every, signal)
    }
  }
}

type Times = { readonly held: number; readonly soak: number; readonly elapsed: number }

function verdict(seen: Observation, { held, soak, elapsed }: Times): 'held' | 'lost' | null {
  if (seen.fails) return 'lost'
  if (seen.holds) return held >= soak ? 'held' : null
  return elapsed - held > blindSeconds ? 'lost' : null
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
