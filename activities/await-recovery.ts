// Step 13, first half: watches until everything holds at one moment, or the time for it is over.
import { observe } from './observe.ts'
import type { HandsActivities } from './types.ts'
import { cancellation, concluded, pauseUntil, secondsSince, watchPlan, type WatchDeps } from './watch-plan.ts'

/** About five looks a second. */
const pollMilliseconds = 200
/** However short the manifest's settle time is: starting a program is not faster in a lab. */
const shortestSettleSeconds = 15
const longestSettleSeconds = 600
/** How much longer than the checks the alert's rule may take, before division by the time factor. */
const ruleSeconds = 300
const shortestRuleSeconds = 20

export function createAwaitRecovery(deps: WatchDeps): HandsActivities['awaitRecovery'] {
  return async ({ incident, plan: id, round }) => {
    const signal = cancellation(deps)
    const { playbook, watch, firings } = await watchPlan(deps, incident, id)
    const settle = Math.min(longestSettleSeconds, Math.max(shortestSettleSeconds, playbook.verify.settleSeconds))
    const rule = settle + Math.max(shortestRuleSeconds, ruleSeconds / deps.config.timeFactor)
    const at = { incident, round, host: watch.host.id }
    const began = performance.now()
    for (;;) {
      const looked = performance.now()
      const seen = await observe(watch, signal)
      // A rule over a window of time lags behind what it measures; probes that hold give it that time.
      const over = secondsSince(began) >= (seen.checksHold ? rule : settle)
      // One that looks back to before the change is waited for in the soak.
      const holds = seen.holds || (seen.checksHold && seen.lags)
      // What can't be told now can't be told later.
      if (holds || seen.unseen || over) return concluded(deps.store, at, seen, { holds, heldSeconds: 0, firings })
      await pauseUntil(looked, pollMilliseconds, signal)
    }
  }
}
