// One look at whether a target is well: its checks, whether anything else got worse, and the alert's own rule, all at
// one moment.
import { distinctRequests, type Evidence } from '../domain/evidence.ts'
import { type Answer, type Health, healthOf } from '../domain/health.ts'
import type { InventoryHost } from '../domain/inventory.ts'
import { evaluate, type Predicate } from '../domain/predicate.ts'
import type { RuleState } from '../domain/run.ts'
import type { Check } from '../domain/timeline.ts'
import type { AskHost } from './ask-host.ts'
import type { AskRules } from './ask-rules.ts'
import { checkOf, seen } from './words.ts'

const failedUnits = { probe: 'failed-units', params: {} } as const
/** Results of activities stay below 16 KiB. */
const maximumChecks = 24

const notAllLookedAt: Check = {
  says: 'everything that the alerts name was looked at',
  answer: 'unknown',
  observed: 'they are more than one look holds, or the sender left some out',
  evidence: null,
}

/** What is watched. */
export type Watch = {
  readonly host: InventoryHost
  readonly predicates: readonly Predicate[]
  /** Whether they cover everything that the alerts name; where they don't, nothing counts as recovered. */
  readonly complete: boolean
  /**
   * Units that had failed before anything was changed; `unknown` when that was not seen; null when it does not matter.
   */
  readonly failedBefore: readonly string[] | 'unknown' | null
  readonly askHost: AskHost
  readonly askRules: AskRules
  /** Only what rules say about the time after this counts. */
  readonly since: Date
}

export type Observation = {
  readonly health: Health
  readonly checks: readonly Check[]
  readonly evidence: readonly Evidence[]
  readonly rule: RuleState
}

export async function observe(watch: Watch, signal: AbortSignal): Promise<Observation> {
  const { failedBefore, since } = watch
  const asked = watch.predicates.map(({ probe, params }) => ({ probe, params }))
  const requests = distinctRequests(failedBefore === null ? asked : [...asked, failedUnits])
  const [evidence, rule] = await Promise.all([
    watch.askHost(watch.host, requests, signal),
    watch.askRules(since, signal),
  ])
  const found = watch.predicates.map((predicate) => checkOf(evaluate(predicate, evidence)))
  const worse = failedBefore === null ? [] : [nothingWorse(failedBefore, evidence)]
  const all = [...(watch.complete ? [] : [notAllLookedAt]), ...worse, ...found]
  const answers = all.map((check): Answer =>
    failedBefore === 'unknown' && worse.includes(check) ? 'never-known' : check.answer,
  )
  const health = healthOf({ answers, rule, ageSeconds: (Date.now() - since.getTime()) / 1_000 })
  // All of them decide; what does not hold is shown first.
  const checks = all
    .toSorted((a, b) => Number(a.answer === 'holds') - Number(b.answer === 'holds'))
    .slice(0, maximumChecks)
  return { health, checks, evidence, rule: rule.state }
}

function nothingWorse(before: readonly string[] | 'unknown', evidence: readonly Evidence[]): Check {
  const item = evidence.find((one) => one.request.probe === failedUnits.probe)
  const now = item?.outcome.status === 'ok' ? item.outcome.facts['units'] : undefined
  const says = 'no other unit has failed'
  const seenIn = item?.id ?? null
  if (before === 'unknown' || !Array.isArray(now))
    return { says, answer: 'unknown', observed: 'nothing', evidence: seenIn }
  const fresh = now.map(String).filter((unit) => !before.includes(unit))
  return { says, answer: fresh.length === 0 ? 'holds' : 'fails', observed: seen(fresh), evidence: seenIn }
}
