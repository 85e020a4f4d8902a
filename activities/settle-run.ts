// Ends a run that nobody carries out any more. From then on nothing can begin it.
import type { Store } from '../store/connect.ts'
import { settleRunRow } from '../store/open-run.ts'
import type { ControlActivities } from './types.ts'

export function createSettleRun({ store }: { readonly store: Store }): ControlActivities['settleRun'] {
  return ({ run, says }) => settleRunRow(store, run, says)
}
