// Whether another incident is changing this host now. What is measured meanwhile may be gone a moment later.
import type { Store } from '../store/connect.ts'
import { readChanging } from '../store/incident.ts'
import type { ControlActivities } from './types.ts'

export function createReadHost({ store }: { readonly store: Store }): ControlActivities['readHost'] {
  return async ({ incident, host }) => {
    const other = await readChanging(store, { incident, host })
    return { changedBy: other?.id ?? null, number: other?.number ?? null }
  }
}
