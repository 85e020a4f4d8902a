// A change that did not help is taken back where its playbook declares how.
import { handOver, type Ending } from '../ending.ts'
import type { Story } from '../story.ts'
import { approve } from './approve.ts'
import { decide, forbidden, planUndo, type FrozenPlan } from './plan.ts'
import { remediate, unknownRun } from './remediate.ts'
import type { Target } from './scope.ts'

/** Null: undone, or nothing to undo, so the story goes on. */
export async function undo(story: Story, target: Target, undone: FrozenPlan): Promise<Ending | null> {
  if (!undone.hasUndo) return null
  const planned = await planUndo(story, undone)
  if (planned.kind === 'not-applicable') return stands(handOver('failed', `It can't be undone: ${planned.says}`))
  const answer = await decide(story, planned)
  if (answer.verdict === 'forbid') return stands(forbidden(answer))
  const consent = await approve(story, target, { frozen: planned, kind: 'undo', verdict: answer.verdict })
  if (consent.kind === 'ended') return stands(consent.ending)
  if (consent.kind === 'look-again') return stands(handOver('failed', 'The undo was not decided.'))
  const outcome = await remediate(story, target, { plan: planned, decision: consent.decision, undo: true })
  switch (outcome.kind) {
    case 'succeeded':
      return null
    case 'unknown':
      return unknownRun(story, target, outcome)
    case 'refused':
      return stands(handOver('failed', `The undo was not started: ${outcome.says}`))
    case 'failed':
      return handOver('failed', `It did not help, and the undo did not succeed: ${outcome.says}`)
  }
}

/** People read that a change stands before they read why. */
function stands(ending: Ending): Ending {
  if (ending.kind === 'close') return ending
  return handOver(ending.reason, `It did not help, and what it changed stands: it was not undone. ${ending.says}`)
}
