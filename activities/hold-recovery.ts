// Step 13, second half: watches that what recovered stays well for the soak. One failed look ends it; not being able
// to look is borne for a while. Alerts that come meanwhile are watched from then on; where not all is well, it ends.
// What the incident's other alerts are about must be well at its end.
import type { Health, NotWell } from '../domain/health.ts'
import { countFirings } from '../store/alert.ts'
import { observe } from './observe.ts'
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
    const { store } = deps
    let { playbook, watch, whole, firings } = await watchPlan(deps, incident, id)
    const soak = playbook.verify.soakSeconds / deps.config.timeFactor
    const every = Math.min(longestPollMilliseconds, Math.max(shortestPollMilliseconds, (soak * 1_000) / looks))
    const at = { incident, round, host: watch.host.id }
    const began = performance.now()
    let [held, allHeld] = [0, 0]
    for (;;) {
      const looked = performance.now()
      const seen = await observe(watch, signal)
      const elapsed = secondsSince(began)
      if (wellSoFar[seen.health.kind]) held = elapsed
      const lost = lostBy(seen.health, elapsed - held)
      if (lost !== null) return { ...(await concluded(store, at, seen, firings)), kind: 'not-held', health: lost }
      if (seen.health.kind === 'well' && held >= soak) {
        const heldSeconds = rounded(held)
        const all = whole === watch ? seen : await observe(whole, signal)
        if (all.health.kind === 'well')
          return { ...(await concluded(store, at, all, firings)), kind: 'held', heldSeconds }
        if (allHeld === 0 || wellSoFar[all.health.kind]) allHeld = elapsed
        const goesOn = lostBy(all.health, elapsed - allHeld) !== null
        if (goesOn) return { ...(await concluded(store, at, seen, firings)), kind: 'others', heldSeconds }
      }
      if ((await countFirings(store, incident)) > firings) {
        ;({ watch, whole, firings } = await watchPlan(deps, incident, id))
        const wider = await observe(whole, signal)
        if (wider.health.kind !== 'well')
          return { ...(await concluded(store, at, wider, firings)), kind: 'interrupted' }
      }
      await pauseUntil(looked, every, signal)
    }
  }
}

/** A rule that lags is waited for, and is no reason to doubt what the probes say. */
const wellSoFar: Readonly<Record<Health['kind'], boolean>> = {
  well: true,
  lagging: true,
  wrong: false,
  'cannot-tell': false,
}

/** What ends the soak; `blind`: for so many seconds nothing was known to be well. */
function lostBy(health: Health, blind: number): NotWell | null {
  switch (health.kind) {
    case 'well':
    case 'lagging':
      return null
    case 'wrong':
      return health
    case 'cannot-tell':
      return blind > blindSeconds ? health : null
  }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
