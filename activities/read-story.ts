// Where the story stands, when its workflow begins.
import type { Store } from '../store/connect.ts'
import { readStanding } from '../store/incident.ts'
import type { ControlActivities } from './types.ts'

export function createReadStory({ store }: { readonly store: Store }): ControlActivities['readStory'] {
  return ({ incident }) => readStanding(store, incident)
}
