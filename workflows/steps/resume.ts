// Instead of the line: its workflow was continued, or lost. Where a run may have been under way nothing can be assumed.
import { control } from '../activities.ts'
import { handOver, type Ending } from '../ending.ts'
import type { Story } from '../story.ts'
import { findTarget } from './scope.ts'

/** Null: people have it already. */
export async function resume(story: Story): Promise<Ending | null> {
  await findTarget(story)
  const { underWay } = await control.settleLostRuns({ incident: story.incident })
  story.lost = underWay
  if (story.state === 'handed-over') return null
  const run =
    underWay.length > 0
      ? 'A run was under way: what it came to is asked of the host, and it is not repeated.'
      : 'No run was under way. What was being done is not repeated.'
  return handOver('unknown', `Millwright lost track of this incident and takes no further step by itself. ${run}`)
}
