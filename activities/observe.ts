// One look at whether a target is well: its checks, whether anything else got worse, and the alert's own rule, all at
// one moment.
import { distinctRequests, type Evidence } from '../domain/evidence.ts'
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

/** A rule that looks back further is not waited for longer. */
const longestWindowSeconds = 3_600

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
  readonly checks: readonly Check[]
  readonly evidence: readonly Evidence[]
  readonly rule: RuleState
  /** Every check holds; of the rule nothing is said. */
  readonly checksHold: boolean
  /** Every check holds, and the rule is clear or there is none. */
  readonly holds: boolean
  /** The rule is not clear, and still looks back to before the change; where every check holds, it is waited for. */
  readonly lags: boolean
  /** Something is known to be wrong, in contrast to not seen, and to a rule that looks back to before the change. */
  readonly fails: boolean
  /**
   * All that could be measured holds, and yet it can't be told: it was not seen what had failed before the change, or
   * the rule looks back further than it is waited for. No reason to undo anything.
   */
  readonly unseen: boolean
}

export async function observe(watch: Watch, signal: AbortSignal): Promise<Observation> {
  const asked = watch.predicates.map(({ probe, params }) => ({ probe, params }))
  const requests = distinctRequests(watch.failedBefore === null ? asked : [...asked, failedUnits])
  const [evidence, { state: rule, windowSeconds }] = await Promise.all([
    watch.askHost(watch.host, requests, signal),
    watch.askRules(watch.since, signal),
  ])
  const found = watch.predicates.map((predicate) => checkOf(evaluate(predicate, evidence)))
  const worse = watch.failedBefore === null ? [] : [nothingWorse(watch.failedBefore, evidence)]
  const all = [...(watch.complete ? [] : [notAllLookedAt]), ...worse, ...found]
  // No check at all proves nothing.
  const checksHold = all.length > 0 && all.every((check) => check.answer === 'holds')
  const ruleHolds = rule === 'clear' || rule === 'none'
  const age = Date.now() - watch.since.getTime()
  const looksBack = !ruleHolds && age < windowSeconds * 1_000
  const lags = looksBack && age < longestWindowSeconds * 1_000
  const fails = (rule === 'firing' && !looksBack) || all.some((check) => check.answer === 'fails')
  const measured = watch.failedBefore === 'unknown' ? all.filter((check) => !worse.includes(check)) : all
  const measuredHolds = measured.length > 0 && measured.every((check) => check.answer === 'holds')
  const holds = checksHold && ruleHolds
  const unseen = !holds && !lags && measuredHolds && (ruleHolds || looksBack)
  // All of them decide; what does not hold is shown first.
  const checks = all
    .toSorted((a, b) => Number(a.answer === 'holds') - Number(b.answer === 'holds'))
    .slice(0, maximumChecks)
  return { checks, evidence, rule, checksHold, holds, lags, fails, unseen }
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
