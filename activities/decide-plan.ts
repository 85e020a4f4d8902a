// Step 10: policy over agent, playbook, target, environment, hour, history and caps. The first answer stays with the
// plan.
import type { PolicyAnswer } from '../domain/decision.ts'
import type { Plan } from '../domain/plan.ts'
import type { Catalogue } from '../domain/playbook.ts'
import type { Policies } from '../policies/evaluate.ts'
import { planQuestion } from '../policies/question.ts'
import type { Config } from '../runtime/config.ts'
import type { Store } from '../store/connect.ts'
import { keepPolicy, measureForPolicy, readPlan } from '../store/plan.ts'
import type { ControlActivities } from './types.ts'

export type DecideDeps = {
  readonly store: Store
  readonly catalogue: () => Catalogue
  readonly policies: () => Policies
  readonly config: Pick<Config, 'environments' | 'timeFactor'>
  readonly now: () => Date
}

/** Forbids a playbook that is gone or is not the one that was planned, whatever policy says of it. */
export function createDecidePlan(deps: DecideDeps): ControlActivities['decidePlan'] {
  return async ({ plan: id }) => {
    const { plan, policy } = await readPlan(deps.store, id)
    return policy ?? keepPolicy(deps.store, id, await decideNow(deps, plan))
  }
}

async function decideNow(deps: DecideDeps, plan: Plan): Promise<PolicyAnswer> {
  const playbook = deps.catalogue().playbooks.find((one) => one.id === plan.playbook.id)
  if (playbook === undefined || playbook.digest !== plan.playbook.digest) {
    const says = `The playbook ${plan.playbook.id} is not the one that was planned: the catalogue changed in between.`
    return forbidden(deps, 'catalogue', says)
  }
  const [host] = plan.hosts
  const measured = await measureForPolicy(deps.store, { host: host.id, environment: plan.environment, playbook })
  const { environments, timeFactor } = deps.config
  const timezone = environments[plan.environment]?.timezone ?? 'UTC'
  return deps.policies().decidePlan(planQuestion({ plan, playbook, measured, timeFactor, timezone, now: deps.now() }))
}

/** Without asking policy: `id` stands in for the rule's. */
export function forbidden(deps: Pick<DecideDeps, 'policies'>, id: string, says: string): PolicyAnswer {
  return { verdict: 'forbid', rule: { id, says }, policies: deps.policies().digest }
}
