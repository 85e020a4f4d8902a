// Whether the source says resolved now.
import type { Store } from '../store/connect.ts'
import { readIncident } from '../store/incident.ts'
import type { ControlActivities } from './types.ts'

export function createReadSource({ store }: { readonly store: Store }): ControlActivities['readSource'] {
  return async ({ incident }) => ({ status: (await readIncident(store, incident)).sourceStatus })
}
