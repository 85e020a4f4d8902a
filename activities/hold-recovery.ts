// Step 13, second half: watches that what recovered stays well for the soak. One failed look ends it; not being able
// to look is borne for a while. Alerts that come meanwhile are watched from then on; where not all is well, it ends.
// What the incident's other alerts are about must be well at its end.
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
    let { playbook, watch, whole, firings } = await watchPlan(deps, incident, id)
    const soak = playbook.verify.soakSeconds / deps.config.timeFactor
    const every = Math.min(longestPollMilliseconds, Math.max(shortestPollMilliseconds, (soak * 1_000) / looks))
    const at = { incident, round, host: watch.host.id }
    const began = performance.now()
    let [held, told] = [0, 0]
    for (;;) {
      const looked = performance.now()
      const seen = await observe(watch, signal)
      const elapsed = secondsSince(began)
      if (wellSoFar(seen)) held = elapsed
      const end = verdict(seen, { held, soak, elapsed })
      const heldSeconds = rounded(held)
      if (end === 'lost') return concluded(deps.store, at, seen, { holds: false, heldSeconds, firings })
      if (end === 'held') {
        const all = whole === watch ? seen : await observe(whole, signal)
        if (all.holds) return concluded(deps.store, at, all, { holds: true, heldSeconds, firings })
        if (told === 0 || wellSoFar(all)) told = elapsed
        const goesOn = { holds: true, heldSeconds, firings, interrupted: true } as const
        if (all.fails || elapsed - told > blindSeconds) return concluded(deps.store, at, seen, goesOn)
      }
      if ((await countFirings(deps.store, incident)) > firings) {
        ;({ watch, whole, firings } = await watchPlan(deps, incident, id))
        const wider = await observe(whole, signal)
        const interrupted = { holds: false, heldSeconds, firings, interrupted: true } as const
        if (!wider.holds) return concluded(deps.store, at, wider, interrupted)
      }
      await pauseUntil(looked, every, signal)
    }
  }
}

/** A rule that still looks back to before the change is waited for, and is no reason to doubt what the probes say. */
function wellSoFar({ holds, checksHold, lags }: Observation): boolean {
  return holds || (checksHold && lags)
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
