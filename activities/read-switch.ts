// Whether changes are stopped. A switch that can't be read counts as set.
import type { Store } from '../store/connect.ts'
import { readSwitch } from '../store/switch.ts'
import type { ControlActivities } from './types.ts'

export function createReadSwitch({ store }: { readonly store: Store }): ControlActivities['readSwitch'] {
  return async () => {
    const { stopped, by, says } = await readSwitch(store)
    return { stopped, says: stopped ? `Changes are stopped by ${by}: ${says}` : '' }
  }
}
