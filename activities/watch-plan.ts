// What has to hold after a plan was carried out.
import { setTimeout as sleep } from 'node:timers/promises'
import { Context } from '@temporalio/activity'
import { Failure } from '../domain/failure.ts'
import type { IncidentId, PlanId } from '../domain/ids.ts'
import type { InventorySnapshot, Subject } from '../domain/inventory.ts'
import type { Plan } from '../domain/plan.ts'
import type { Catalogue, Playbook } from '../domain/playbook.ts'
import { bind } from '../domain/predicate.ts'
import { type AlertRules, countFirings, readAlertRules } from '../store/alert.ts'
import type { Store } from '../store/connect.ts'
import { saveEvidence, takenFrom } from '../store/evidence.ts'
import { readSubjectsCounted } from '../store/incident.ts'
import { readPlan } from '../store/plan.ts'
import { readAnswerBefore, readRunEnd } from '../store/recovery.ts'
import type { AskHost } from './ask-host.ts'
import { rulesOf, type RuleOf } from './ask-rules.ts'
import { inventoryHost } from './collect-evidence.ts'
import { distinctPredicates, healthPredicates } from './health.ts'
import type { Observation, Watch } from './observe.ts'
import { sameMatter, subjectsOf } from './plan-subjects.ts'
import type { Measured } from './types.ts'

export type WatchDeps = {
  readonly store: Store
  readonly catalogue: () => Catalogue
  readonly inventory: () => InventorySnapshot
  readonly askHost: AskHost
  readonly ruleOf: RuleOf
  readonly config: { readonly timeFactor: number }
  /** Ends when the activity is cancelled; default: Temporal's. */
  readonly cancelled?: () => AbortSignal
}

export type PlanWatch = {
  readonly plan: Plan
  readonly playbook: Playbook
  /** What the plan is about, with its alerts: where no alert is about that, everything. */
  readonly watch: Watch
  /** Everything that the incident's alerts are about; the same object where that is not more. */
  readonly whole: Watch
  /** Firings that it takes into account. */
  readonly firings: number
}

/**
 * The playbook's own conditions, the health of what the alerts are about, and that no other unit fails. An alert about
 * something else than the plan says nothing of the plan: nobody undoes a repair because of it.
 */
export async function watchPlan(deps: WatchDeps, incident: IncidentId, id: PlanId): Promise<PlanWatch> {
  const { plan } = await readPlan(deps.store, id)
  const playbook = deps.catalogue().playbooks.find((one) => one.id === plan.playbook.id)
  if (playbook === undefined) {
    throw new Failure({
      code: 'input.not-found',
      message: `The catalogue has no playbook ${plan.playbook.id} any more.`,
    })
  }
  const host = inventoryHost(deps.inventory(), plan.hosts[0].id)
  const { store, askHost } = deps
  // Counted first: one that comes while the rest is read is one too many, never one too few.
  const firings = await countFirings(store, incident)
  const [{ subjects, complete }, before, since, alerts] = await Promise.all([
    readSubjectsCounted(store, incident),
    readAnswerBefore(store, { incident, probe: 'failed-units', before: new Date(plan.createdAt) }),
    readRunEnd(store, id),
    readAlertRules(store, incident),
  ])
  const own = playbook.verify.predicates.map((predicate) => bind(predicate, plan.params))
  const units = before?.status === 'ok' ? before.facts['units'] : undefined
  const failedBefore: Watch['failedBefore'] = Array.isArray(units) ? units.map(String) : 'unknown'
  const common = { host, complete, failedBefore, askHost, since: since ?? new Date(plan.createdAt) }
  const watching = (about: readonly Subject[], { rules }: Pick<AlertRules, 'rules'>): Watch => ({
    ...common,
    predicates: distinctPredicates([...own, ...healthPredicates({ host, subjects: about })]),
    askRules: rulesOf(deps.ruleOf, { ...alerts, rules }),
  })
  const whole = watching(subjects, alerts)
  const about = subjectsOf(playbook, plan)
  const rules = alerts.rules.filter((one) => sameMatter(host, about, one.subjects))
  const isPart = complete && alerts.complete && rules.length > 0 && rules.length < alerts.rules.length
  const watch = isPart ? watching([...about, ...rules.flatMap((one) => one.subjects)], { rules }) : whole
  return { plan, playbook, watch, whole, firings }
}

/** Stores what was seen last, and says it; `firings`: those that it takes into account. */
export async function concluded(
  store: Store,
  at: { readonly incident: IncidentId; readonly round: number; readonly host: string },
  { health, checks, evidence, rule }: Observation,
  firings: number,
): Promise<Measured> {
  await saveEvidence(store, at, takenFrom(at.host, evidence))
  return { health, checks, rule, firings }
}

/** Seconds since a moment of the monotonic clock. */
export function secondsSince(began: number): number {
  return (performance.now() - began) / 1_000
}

/** Waits until so long after `began`; throws when cancelled. */
export async function pauseUntil(began: number, milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, began + milliseconds - performance.now()), undefined, { signal })
}

/** Temporal's, unless the caller has one. */
export function cancellation(deps: Pick<WatchDeps, 'cancelled'>): AbortSignal {
  return deps.cancelled === undefined ? Context.current().cancellationSignal : deps.cancelled()
}
