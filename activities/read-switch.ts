// Whether changes are stopped. A switch that can't be read counts as set.
import type { Store } from '../store/connect.ts'
import { readStop } from '../store/lease.ts'
import type { ControlActivities } from './types.ts'

export function createReadSwitch({ store }: { readonly store: Store }): ControlActivities['readSwitch'] {
  return () => readStop(store)
}
