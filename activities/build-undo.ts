// The undo of a plan that was carried out: a plan of its own, with the same parameters, decided and run like any other.
import { Failure } from '../domain/failure.ts'
import type { Plan } from '../domain/plan.ts'
import { digestOf } from '../runtime/digest.ts'
import { newId } from '../runtime/ids.ts'
import { findPlan, insertPlan, readPlan } from '../store/plan.ts'
import type { PlanDeps } from './build-plan.ts'
import { plannedOf } from './planned.ts'
import type { ControlActivities } from './types.ts'

/** Throws `input.not-found`. */
export function createBuildUndo(deps: PlanDeps): ControlActivities['buildUndo'] {
  return async ({ plan: id }) => {
    const { plan: done, identity } = await readPlan(deps.store, id)
    if (done.kind === 'undo' || done.undo === 'none') {
      throw new Failure({ code: 'bug', message: `The plan ${id} declares no undo.` })
    }
    const playbook = deps.catalogue().playbooks.find((one) => one.id === done.playbook.id)
    if (playbook === undefined || playbook.digest !== done.playbook.digest) {
      return {
        kind: 'not-applicable',
        says: `The playbook ${done.playbook.id} is not the one that was carried out any more.`,
      }
    }
    const { incident, attempt } = done
    const search = { incident, attempt, kind: 'undo', playbook: playbook.id, after: new Date(done.createdAt) } as const
    const before = await findPlan(deps.store, search)
    if (before !== null) return plannedOf(before.plan, before.digest, playbook, deps.config.timeFactor)
    const plan = undoOf(deps, done)
    const digest = digestOf(plan)
    await insertPlan(deps.store, { plan, digest, identity })
    return plannedOf(plan, digest, playbook, deps.config.timeFactor)
  }
}

function undoOf({ config, now }: PlanDeps, done: Plan): Plan {
  const at = now()
  const expires = at.getTime() + (config.approvalSeconds * 1_000) / config.timeFactor
  return {
    ...done,
    kind: 'undo',
    id: newId('plan'),
    wants: `Undo: ${done.wants}`,
    because: 'It was carried out and did not help.',
    // What had to hold before the change need not hold after it.
    preconditions: [],
    preview: done.preview
      .filter((change) => change.reversible)
      .map((change) => ({ ...change, says: `Take back: ${change.says}` })),
    createdAt: at.toISOString(),
    expiresAt: new Date(expires).toISOString(),
  }
}
