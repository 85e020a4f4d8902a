// Step 13, first half: watches until everything holds at one moment, or the time for it is over. A rule that lags is
// waited for in the soak.
import { everyCheckHolds, type Health, isForGood } from '../domain/health.ts'
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
    const limits = { settle, rule: settle + Math.max(shortestRuleSeconds, ruleSeconds / deps.config.timeFactor) }
    const at = { incident, round, host: watch.host.id }
    const began = performance.now()
    for (;;) {
      const looked = performance.now()
      const seen = await observe(watch, signal)
      if (secondsSince(began) >= patience(seen.health, limits)) return concluded(deps.store, at, seen, firings)
      await pauseUntil(looked, pollMilliseconds, signal)
    }
  }
}

type Limits = {
  readonly settle: number
  /** Where every check holds: a rule over a window of time lags behind what it measures. */
  readonly rule: number
}

/** For how many seconds from the start another look may answer something else; 0 where this one settles it. */
function patience(health: Health, { settle, rule }: Limits): number {
  const longest = everyCheckHolds(health) ? rule : settle
  switch (health.kind) {
    case 'well':
    case 'lagging':
      return 0
    case 'wrong':
      return longest
    case 'cannot-tell':
      return isForGood(health.because) ? 0 : longest
  }
}
