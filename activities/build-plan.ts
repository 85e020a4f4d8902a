// Step 9: freezes a plan. Parameters get their provenance, preconditions are measured again, the preview is computed,
// the whole is hashed.
import { canonicalJson } from '../domain/canonical-json.ts'
import type { PlanId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import type { Playbook } from '../domain/playbook.ts'
import { bindText, type Params } from '../domain/predicate.ts'
import { candidates } from '../domain/signature.ts'
import type { Policies } from '../policies/evaluate.ts'
import type { Config } from '../runtime/config.ts'
import { digestOf } from '../runtime/digest.ts'
import { newId } from '../runtime/ids.ts'
import { findPlan, insertPlan, roundTakenAt } from '../store/plan.ts'
import { freeze, type Frozen } from './freeze.ts'
import { plannedOf } from './planned.ts'
import { readWholeRound, type Round, type RoundDeps } from './round.ts'
import type { ControlActivities, Planned } from './types.ts'

export type PlanDeps = RoundDeps & {
  readonly policies: () => Policies
  readonly config: Pick<Config, 'approvalSeconds' | 'timeFactor'>
  readonly now: () => Date
}

/** Throws `input.not-found` when the incident's host stands in the inventory no more. */
export function createBuildPlan(deps: PlanDeps): ControlActivities['buildPlan'] {
  return async ({ incident, round, attempt, playbook: id, signature, params }) => {
    const playbook = deps.catalogue().playbooks.find((one) => one.id === id)
    if (playbook === undefined) return notApplicable(`The catalogue has no playbook ${id} any more.`)
    const after = await roundTakenAt(deps.store, incident, round)
    const before = await findPlan(deps.store, { incident, attempt, kind: 'remediate', playbook: id, after })
    if (before !== null) return plannedOf(before.plan, before.digest, playbook, deps.config.timeFactor)
    const whole = await readWholeRound(deps, incident, round)
    const strange = strangeParam(playbook, params, whole)
    if (strange !== null) return notApplicable(strange)
    const frozen = freeze(playbook, { signature, params, host: whole.scope.host }, whole.evidence)
    if (frozen.kind === 'not-applicable') return frozen
    const plan = planOf(deps, { incident, attempt, playbook, whole, frozen })
    const digest = digestOf(plan)
    await insertPlan(deps.store, { plan, digest, identity: whole.incident.identity })
    return plannedOf(plan, digest, playbook, deps.config.timeFactor)
  }
}

type Parts = {
  readonly incident: string
  readonly attempt: number
  readonly playbook: Playbook
  readonly whole: Round
  readonly frozen: Frozen
}

function planOf(deps: PlanDeps, { incident, attempt, playbook, whole, frozen }: Parts): Plan {
  const { host } = whole.scope
  const { team } = whole.incident
  const now = deps.now()
  const id: PlanId = newId('plan')
  const expires = now.getTime() + (deps.config.approvalSeconds * 1_000) / deps.config.timeFactor
  return {
    version: 1,
    kind: 'remediate',
    id,
    incident,
    attempt,
    team,
    environment: host.environment,
    playbook: { id: playbook.id, version: playbook.version, digest: playbook.digest },
    wants: bindText(playbook.wants, frozen.params),
    tier: playbook.tier,
    params: frozen.params,
    provenance: frozen.provenance,
    hosts: [{ id: host.id, name: host.name, hostKeys: host.hostKeys }],
    signature: frozen.signature,
    because: frozen.because,
    evidence: frozen.evidence,
    preconditions: frozen.preconditions,
    preview: frozen.preview,
    undo: playbook.undo.kind,
    hardTimeoutSeconds: playbook.hardTimeoutSeconds,
    built: {
      catalogue: deps.catalogue().digest,
      policies: deps.policies().digest,
      inventory: deps.inventory().digest,
    },
    createdAt: now.toISOString(),
    expiresAt: new Date(expires).toISOString(),
  }
}

/** Whoever asks: values come from the inventory and the manifest, never from the question. */
function strangeParam(playbook: Playbook, params: Params, { scope }: Round): string | null {
  const wanted = canonicalJson(params)
  const possible = candidates(playbook.params, scope).some((candidate) => canonicalJson(candidate) === wanted)
  return possible
    ? null
    : `The parameters of ${playbook.id} are not what the inventory declares for ${scope.host.name}.`
}

function notApplicable(says: string): Planned {
  return { kind: 'not-applicable', says }
}
