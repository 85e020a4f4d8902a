// What a run came to, from its row.
import type { Store } from '../store/connect.ts'
import { readRunRow } from '../store/open-run.ts'
import type { ControlActivities } from './types.ts'

export function createReadRun({ store }: { readonly store: Store }): ControlActivities['readRun'] {
  return ({ run }) => readRunRow(store, run)
}
