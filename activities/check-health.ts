// Is it well now, without anything having been done? Alerts that ended by themselves are closed on this measurement,
// never on the source's word.
import { everyCheckHolds, type Health } from '../domain/health.ts'
import type { IncidentId } from '../domain/ids.ts'
import type { InventoryHost, Subject } from '../domain/inventory.ts'
import { distinctPredicates, healthPredicates } from './health.ts'
import { inventoryHost } from './collect-evidence.ts'
import { rulesOf } from './ask-rules.ts'
import { observe } from './observe.ts'
import { sameMatter } from './plan-subjects.ts'
import type { HandsActivities, MeasuredAlone } from './types.ts'
import { cancellation, concluded, pauseUntil, secondsSince, type WatchDeps } from './watch-plan.ts'
import { countFirings, readAlertRules } from '../store/alert.ts'
import type { Store } from '../store/connect.ts'
import { readSubjects, readSubjectsCounted } from '../store/incident.ts'
import { readRepairsSince } from '../store/recovery.ts'

const pollMilliseconds = 500
/** Where every check holds, the rule may lag so long behind, before division by the time factor. */
const ruleSeconds = 60
const shortestRuleSeconds = 10
/** A rule that looks back over a window is waited for as long as it does, but no longer: people may have to know. */
const longestRuleSeconds = 600

export function createCheckHealth(deps: WatchDeps): HandsActivities['checkHealth'] {
  return async ({ incident, host: id, round }) => {
    const signal = cancellation(deps)
    const { store, askHost } = deps
    const host = inventoryHost(deps.inventory(), id)
    const firings = await countFirings(store, incident)
    const { subjects, complete } = await readSubjectsCounted(store, incident)
    const predicates = distinctPredicates(healthPredicates({ host, subjects }))
    const alerts = await readAlertRules(store, incident)
    const asking = { askHost, askRules: rulesOf(deps.ruleOf, alerts), since: alerts.lastHeard }
    const watch = { host, predicates, complete, failedBefore: null, ...asking }
    const rule = Math.max(shortestRuleSeconds, ruleSeconds / deps.config.timeFactor)
    const began = performance.now()
    for (;;) {
      const looked = performance.now()
      const seen = await observe(watch, signal)
      // What a cancelled look saw is not what is there.
      signal.throwIfAborted()
      if (secondsSince(began) >= patience(seen.health, rule)) {
        const by = seen.health.kind === 'well' ? await repairedBy(store, { incident, host, subjects }) : {}
        return { ...(await concluded(store, { incident, round, host: id }, seen, firings)), ...by }
      }
      await pauseUntil(looked, pollMilliseconds, signal)
    }
  }
}

/** For how many seconds from the start the rule is waited for; what a check answers is not. */
function patience(health: Health, rule: number): number {
  if (!everyCheckHolds(health)) return 0
  switch (health.kind) {
    case 'well':
      return 0
    case 'lagging':
      return longestRuleSeconds
    case 'wrong':
    case 'cannot-tell':
      return rule
  }
}

type Repaired = { readonly incident: IncidentId; readonly host: InventoryHost; readonly subjects: readonly Subject[] }

/** The incident that repaired what this one is about. Where either names nothing, nobody can say so. */
async function repairedBy(
  store: Store,
  { incident, host, subjects }: Repaired,
): Promise<Pick<MeasuredAlone, 'repairedBy'>> {
  for (const { id, number } of await readRepairsSince(store, { incident, host: host.id })) {
    if (sameMatter(host, subjects, await readSubjects(store, id))) return { repairedBy: number }
  }
  return {}
}
