// Steps 9 and 10: freeze the plan, then ask policy about it.
import type { Planned } from '../../activities/types.ts'
import type { PolicyAnswer } from '../../domain/decision.ts'
import { control } from '../activities.ts'
import { handOver, type Ending } from '../ending.ts'
import { record, type Story } from '../story.ts'
import type { Fault } from './recognise.ts'

export type FrozenPlan = Extract<Planned, { kind: 'planned' }>

export async function plan(story: Story, fault: Fault, attempt: number): Promise<Planned> {
  const { playbook, signature, params } = fault
  const { incident } = story
  const { round } = fault.kind === 'novel' ? fault : story
  return keep(story, await control.buildPlan({ incident, round, attempt, playbook, signature, params }))
}

/** The undo of a plan is a plan of its own: frozen, decided and run like any other. */
export async function planUndo(story: Story, undone: FrozenPlan): Promise<Planned> {
  return keep(story, await control.buildUndo({ plan: undone.plan }))
}

async function keep(story: Story, planned: Planned): Promise<Planned> {
  if (planned.kind === 'planned') await record(story, 'investigating', planned.entry)
  return planned
}

export async function decide(story: Story, frozen: FrozenPlan): Promise<PolicyAnswer> {
  const answer = await control.decidePlan({ plan: frozen.plan })
  await record(story, story.state, { kind: 'policy', plan: frozen.plan, answer })
  return answer
}

/** Why nothing may run, in the rule's own words. */
export function forbidden({ rule }: PolicyAnswer): Ending {
  return handOver(rule.id === 'stopped' ? 'stopped' : 'forbidden', rule.says)
}
