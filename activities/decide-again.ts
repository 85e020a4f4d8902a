// Policy about a plan at the last moment: as things stand now, and about the people who approved it as they stand now.
import { approvalsNeeded, type PolicyAnswer } from '../domain/decision.ts'
import type { PlanId, RunId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import type { Playbook } from '../domain/playbook.ts'
import { planQuestion } from '../policies/question.ts'
import { approversOf } from '../store/decision.ts'
import { findPerson } from '../store/people.ts'
import { measureForPolicy, readPlan } from '../store/plan.ts'
import { forbidden, type DecideDeps } from './decide-plan.ts'

/** What policy says now. `ask` means: with the approvals that there are it may run, if there is any. */
export type DecideAgain = (plan: PlanId, run: RunId) => Promise<PolicyAnswer>

/** The run that asks does not count as a change of its own. */
export function createDecideAgain(deps: DecideDeps): DecideAgain {
  return async (id, run) => {
    const { plan, digest } = await readPlan(deps.store, id)
    const playbook = deps.catalogue().playbooks.find((one) => one.id === plan.playbook.id)
    if (playbook === undefined)
      return forbidden(deps, 'catalogue', `The catalogue has no playbook ${plan.playbook.id} any more.`)
    const [host] = plan.hosts
    const measured = await measureForPolicy(deps.store, { host: host.id, environment: plan.environment, playbook }, run)
    const { environments, timeFactor } = deps.config
    const timezone = environments[plan.environment]?.timezone ?? 'UTC'
    const answer = deps
      .policies()
      .decidePlan(planQuestion({ plan, playbook, measured, timeFactor, timezone, now: deps.now() }))
    if (answer.verdict !== 'ask') return answer
    return (await peopleRefusal(deps, { plan, digest, playbook, rule: answer.rule })) ?? answer
  }
}

type Approved = {
  readonly plan: Plan
  readonly digest: string
  readonly playbook: Playbook
  /** Why people are asked. */
  readonly rule: PolicyAnswer['rule']
}

/** Each of them as if they approved now, after those who did before them. */
async function peopleRefusal(
  deps: DecideDeps,
  { plan, digest, playbook, rule: asks }: Approved,
): Promise<PolicyAnswer | null> {
  const approvers = await approversOf(deps.store, digest, deps.now())
  // Allowed alone when it was planned, and not any more: the rule that changed that is the reason.
  if (approvers.length === 0) return { verdict: 'forbid', rule: asks, policies: deps.policies().digest }
  if (approvers.length < approvalsNeeded(plan.tier))
    return forbidden(deps, 'approvals', 'Not enough people have approved it.')
  const authors = [playbook.owner, ...playbook.authors]
  for (const [at, { name, hands }] of approvers.entries()) {
    const person = await findPerson(deps.store, name)
    if (person === null) return forbidden(deps, 'approvals', 'Somebody who approved it is not known any more.')
    const judgement = { approved: approvers.slice(0, at), authors, hands }
    const asked = { person, act: 'approve', team: plan.team, plan: judgement } as const
    const { allowed, rule } = deps.policies().mayDecide(asked)
    if (!allowed) return { verdict: 'forbid', rule, policies: deps.policies().digest }
  }
  return null
}
