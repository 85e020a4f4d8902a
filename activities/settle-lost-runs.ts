// The runs of an incident whose workflow was lost: what has not begun will not begin, what has is reconciled.
import type { Store } from '../store/connect.ts'
import { openRunsOf, settleRunRow } from '../store/open-run.ts'
import type { ControlActivities } from './types.ts'

const says = 'The workflow that asked for it was lost.'

export function createSettleLostRuns({ store }: { readonly store: Store }): ControlActivities['settleLostRuns'] {
  return async ({ incident }) => {
    const underWay = []
    for (const { run, state } of await openRunsOf(store, incident)) {
      // One that a worker takes in this moment is under way after all.
      const settled = state === 'planned' ? (await settleRunRow(store, run, says)).state : state
      if (settled !== 'refused') underWay.push(run)
    }
    return { underWay }
  }
}
