// A dry run: the straight line up to step 10, and no further. It imports no step that asks for a run, so no answer of a
// host, a model or policy leads to one; SQL refuses one besides.
import { CancellationScope } from '@temporalio/workflow'
import { readStory } from './activities.ts'
import { brokenStep, handOver, type Closed, type Ending } from './ending.ts'
import type { IncidentInput } from './messages.ts'
import { beginSearch } from './search.ts'
import { findFault } from './steps/find-fault.ts'
import { decide, forbidden, plan } from './steps/plan.ts'
import { scope } from './steps/scope.ts'
import { beginStory, continueFrom, recordClosed, type Story } from './story.ts'

/** Ends by itself, and closes its incident with what would have come next. Cancelling it from outside does nothing. */
export async function dryRun(input: IncidentInput): Promise<void> {
  const story = beginStory(input)
  await CancellationScope.nonCancellable(async () => {
    const standing = await readStory({ incident: input.incident })
    if (standing.state === 'closed') return
    continueFrom(story, { ...standing, ...input.resumed })
    const ending = input.resumed === undefined ? await investigate(story).catch(brokenStep) : lost
    await recordClosed(story, over(ending))
  })
}

const lost = handOver('unknown', 'Millwright lost track of this dry run. Begin another one.')

/** What policy answers about the plan that was made. */
type Planned = { readonly kind: 'planned'; readonly act: 'alone' | 'ask'; readonly says: string }

async function investigate(story: Story): Promise<Ending | Planned> {
  const target = await scope(story)
  switch (target.kind) {
    case 'unresolved':
      return handOver('unknown-target', target.says)
    case 'storm':
      return handOver('storm', target.says)
    case 'target':
      break
  }
  const soFar = beginSearch(target)
  const fault = await findFault(story, target, soFar)
  if (fault.kind === 'hand-over' || fault.kind === 'close') return fault
  const frozen = await plan(story, fault, soFar.attempt)
  if (frozen.kind === 'not-applicable') return handOver('none-applicable', frozen.says)
  const answer = await decide(story, frozen)
  if (answer.verdict === 'forbid') return forbidden(answer)
  const says = `${fault.playbook} on ${target.hostName}. ${answer.rule.says}`
  return { kind: 'planned', act: answer.verdict === 'auto' ? 'alone' : 'ask', says }
}

function over(ending: Ending | Planned): Closed {
  const closed = { kind: 'close', reason: 'dry-run', person: null } as const
  switch (ending.kind) {
    case 'planned': {
      const how = ending.act === 'alone' ? 'It would have run by itself' : 'People would have been asked about'
      return { ...closed, says: `${how}: ${ending.says}`, would: { act: ending.act, reason: null } }
    }
    case 'hand-over': {
      const says = `It would have been handed over: ${ending.says}`
      return { ...closed, says, would: { act: 'hand-over', reason: ending.reason } }
    }
    case 'close':
      return { ...closed, says: `It would have been closed: ${ending.says}`, would: { act: 'close', reason: null } }
  }
}
