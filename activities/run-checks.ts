// Everything that is asked again right before a run: what was approved is what runs, and it may run now.
import { type Entry, readEntry } from '../catalogue/entry.ts'
import { pinnedDigest, readLock } from '../catalogue/lock.ts'
import type { PolicyAnswer } from '../domain/decision.ts'
import type { Evidence, ProbeRequest } from '../domain/evidence.ts'
import { Failure, failureCode } from '../domain/failure.ts'
import type { PlanId, RunId } from '../domain/ids.ts'
import { maximumAttempts } from '../domain/incident.ts'
import { declaredNames, type InventoryHost, type InventorySnapshot } from '../domain/inventory.ts'
import type { Plan } from '../domain/plan.ts'
import type { Effect, Param } from '../domain/playbook.ts'
import { bind, evaluate, reading } from '../domain/predicate.ts'
import { refused, type Refusal } from '../domain/run.ts'
import type { Scalar } from '../domain/evidence.ts'
import { distinctRequests } from '../domain/evidence.ts'
import { installedFrame } from '../runtime/ansible/frame.ts'
import { digestOf } from '../runtime/digest.ts'
import type { Store } from '../store/connect.ts'
import { readAttempts } from '../store/incident.ts'
import { readPlan } from '../store/plan.ts'
import { readAsked } from '../store/run-asked.ts'
import type { StoredRun } from '../store/run.ts'
import { changeOf } from './freeze.ts'

export type CheckDeps = {
  readonly store: Store
  /** The folder of playbooks, with its lock. */
  readonly playbooksDir: string
  readonly inventory: () => InventorySnapshot
  /** Policy about the plan as things stand now; the run itself does not count as a change. */
  readonly decideAgain: (plan: PlanId, run: RunId) => Promise<PolicyAnswer>
  /** Reads the host with the reading account. */
  readonly measure: (host: InventoryHost, requests: readonly ProbeRequest[]) => Promise<readonly Evidence[]>
  readonly now: () => Date
}

export type Approved = {
  readonly kind: 'approved'
  readonly plan: Plan
  /** The alerts' identity that attempts are counted for. */
  readonly identity: string
  readonly entry: Entry
  readonly host: InventoryHost
}

/** Plan, playbook, inventory, time, and the incident's story that asks for it; nothing is touched. */
export async function checkApproved(deps: CheckDeps, run: StoredRun): Promise<Approved | Refusal> {
  const { plan, digest, identity } = await readPlan(deps.store, run.plan)
  if (digest !== run.planDigest || digestOf(plan) !== digest)
    return refused('conflict.plan-changed', 'The plan is not the one that was approved.')
  const now = deps.now()
  if (run.deadline <= now) return refused('conflict.expired', 'The run came too late: its deadline has passed.')
  if (Date.parse(plan.expiresAt) <= now.getTime()) return refused('conflict.expired', 'The plan has expired.')
  const [target] = plan.hosts
  const host = deps.inventory().hosts.find((one) => one.id === target.id)
  if (host === undefined || plan.hosts.length !== 1 || target.id !== run.host || host.name !== target.name) {
    return refused('conflict.plan-changed', `The inventory holds no host ${target.name} any more as it was approved.`)
  }
  if (!sameList(host.hostKeys, target.hostKeys))
    return refused('host.unknown-key', `The pinned keys of ${host.name} changed since the approval.`)
  const checked = checkPlaybook(deps, plan, host)
  if (checked.kind === 'refused') return checked
  return (await askedRefusal(deps, run)) ?? { kind: 'approved', plan, identity, entry: checked.entry, host }
}

/** Whoever can send a message can name any run: what counts is what the incident wrote down before it sent one. */
async function askedRefusal({ store }: CheckDeps, { id }: StoredRun): Promise<Refusal | null> {
  const { asked, mayUndo } = await readAsked(store, id)
  if (!asked) return refused('run.refused', 'The incident’s story does not ask for this run now.')
  if (!mayUndo) return refused('run.refused', 'There is nothing to undo: no run of it is recorded that did not help.')
  return null
}

type Pinned = { readonly kind: 'pinned'; readonly entry: Entry }

function checkPlaybook({ playbooksDir }: CheckDeps, plan: Plan, host: InventoryHost): Pinned | Refusal {
  try {
    const entry = readEntry(playbooksDir, plan.playbook.id)
    const digest = pinnedDigest(readLock(playbooksDir), entry, installedFrame())
    if (digest !== plan.playbook.digest)
      return refused('catalogue.not-pinned', `The playbook ${plan.playbook.id} is not the one that was approved.`)
    if (plan.kind === 'undo' && entry.manifest.undo.kind !== 'play')
      return refused('run.refused', `The playbook ${plan.playbook.id} has no undo.`)
    const wrong = paramProblem(entry.manifest.params, plan, host)
    return wrong === null ? { kind: 'pinned', entry } : refused('run.refused', wrong)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return refused(failureCode(error), error.message)
  }
}

/** The set of parameters is closed, and each value is still one of its provenance class. */
function paramProblem(params: readonly Param[], plan: Plan, host: InventoryHost): string | null {
  const names = params.map((param) => param.name).sort()
  if (!sameList(names, Object.keys(plan.params).sort())) return 'The plan’s parameters are not those of the playbook.'
  const wrong = params.find((param) => !allowed(param, plan.params[param.name], host))
  return wrong === undefined
    ? null
    : `The plan’s value of ${wrong.name} is not one that the playbook allows on ${host.name}.`
}

function allowed(param: Param, value: Scalar | undefined, host: InventoryHost): boolean {
  switch (param.provenance) {
    case 'inventory':
      return declaredNames(host, param.from).some((one) => one === value)
    case 'enum':
      return param.values.some((one) => one === value)
    case 'bounded-int':
      return Number.isInteger(value) && Number(value) >= param.minimum && Number(value) <= param.maximum
    case 'computed':
      return value !== undefined && value !== `$${param.name}`
  }
}

/** Policy, attempts, and the preconditions measured once more: all at the same time, inside the lease. */
export async function checkNow(deps: CheckDeps, run: StoredRun, approved: Approved): Promise<Refusal | null> {
  const [policy, attempts, measured] = await Promise.all([
    policyRefusal(deps, run),
    attemptsRefusal(deps, run, approved),
    measuredRefusal(deps, run, approved),
  ])
  return policy ?? attempts ?? measured
}

async function attemptsRefusal(deps: CheckDeps, run: StoredRun, approved: Approved): Promise<Refusal | null> {
  const { plan, identity, host } = approved
  if (plan.kind === 'undo') return null
  const tried = await readAttempts(deps.store, { host: host.id, identity, except: run.id })
  if (tried.length >= maximumAttempts)
    return refused('policy.forbidden', `${maximumAttempts} attempts are used: ${tried.join(', ')}.`)
  if (tried.includes(plan.playbook.id))
    return refused('policy.forbidden', `${plan.playbook.id} was tried for this fault before.`)
  return null
}

async function policyRefusal(deps: CheckDeps, run: StoredRun): Promise<Refusal | null> {
  const { verdict, rule } = await deps.decideAgain(run.plan, run.id)
  if (verdict === 'auto' || (verdict === 'ask' && run.decision !== null)) return null
  return refused(
    'policy.forbidden',
    `Policy no longer lets it run${verdict === 'ask' ? ' without a person' : ''}: ${rule.says}`,
  )
}

async function measuredRefusal(deps: CheckDeps, run: StoredRun, approved: Approved): Promise<Refusal | null> {
  const { plan, entry, host } = approved
  // What had to hold before the change need not hold after it.
  const predicates = plan.kind === 'undo' ? [] : entry.manifest.preconditions.map((one) => bind(one, plan.params))
  // A preview that a person approved is measured again; what is undone was never measured.
  const effects = run.decision === null || plan.kind === 'undo' ? [] : entry.manifest.effects
  const lists = effects.flatMap(({ list }) => (list === null ? [] : [bind(reading(list), plan.params)]))
  const requests = distinctRequests([...predicates, ...lists].map(({ probe, params }) => ({ probe, params })))
  if (requests.length === 0) return null
  const evidence = await deps.measure(host, requests)
  if (evidence.some(({ outcome }) => outcome.status === 'failed' && outcome.reason === 'wrong-key'))
    return refused('host.unknown-key', `The key of ${host.name} is not the pinned one.`)
  const broken = predicates
    .map((predicate) => evaluate(predicate, evidence))
    .find((finding) => finding.answer !== 'holds')
  if (broken === undefined) {
    if (lists.some((list) => evaluate(list, evidence).answer === 'unknown'))
      return refused('run.not-as-previewed', 'What the approved preview lists could not be measured again.')
    return previewRefusal(plan, effects, evidence)
  }
  const seen =
    broken.answer === 'unknown' ? 'it could not be seen' : `${broken.predicate.fact} is ${String(broken.observed)}`
  return refused('run.refused', `A precondition does not hold: ${broken.predicate.says} (${seen}).`)
}

/** Less than was shown is harmless; one thing more needs a new plan and a new decision. */
function previewRefusal(plan: Plan, effects: readonly Effect[], evidence: readonly Evidence[]): Refusal | null {
  const more = effects.flatMap((effect, at) => {
    const shown = plan.preview[at]?.items ?? []
    return changeOf(effect, plan.params, evidence).items.filter((item) => !shown.includes(item))
  })
  const [first] = more
  if (first === undefined) return null
  const others = more.length > 1 ? ` and ${more.length - 1} more` : ''
  const says = `It would also touch ${String(first).slice(0, longestItem)}${others}, which the approved preview does not name.`
  return refused('run.not-as-previewed', says)
}

const longestItem = 200

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one))
}
