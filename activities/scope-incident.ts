// Step 5: the targets that were resolved when the alerts were recorded, and what was tried on them before.
import type { InventorySnapshot } from '../domain/inventory.ts'
import type { Store } from '../store/connect.ts'
import type { Config } from '../runtime/config.ts'
import { readAttempts, readIncident, readLabels, readSubjects } from '../store/incident.ts'
import { unknownTarget } from './unknown-target.ts'
import type { ControlActivities } from './types.ts'

export type ScopeDeps = {
  readonly store: Store
  readonly inventory: () => InventorySnapshot
  readonly config: Pick<Config, 'sources'>
}

export function createScopeIncident({ store, inventory, config }: ScopeDeps): ControlActivities['scopeIncident'] {
  return async ({ incident }) => {
    const { host: hostId, storm, identity, source, team } = await readIncident(store, incident)
    if (storm) {
      return { kind: 'storm', says: 'Many incidents of one group opened at once. A person looks at the whole first.' }
    }
    if (hostId === null) {
      const labels = await readLabels(store, incident)
      const hosts = inventory().hosts.filter((one) => one.team === team)
      return {
        kind: 'unresolved',
        says: unknownTarget({ labels, rules: config.sources[source]?.targets ?? [], hosts }),
      }
    }
    const host = inventory().hosts.find((one) => one.id === hostId)
    if (host === undefined) return { kind: 'unresolved', says: `The host ${hostId} stands in the inventory no more.` }
    const subjects = (await readSubjects(store, incident)).map(({ name }) => name)
    const tried = await readAttempts(store, { host: hostId, identity })
    const { id, name, zone } = host
    return {
      kind: 'target',
      host: id,
      hostName: name,
      zone,
      subjects,
      attemptsUsed: tried.length,
      tried: [...new Set(tried)],
    }
  }
}
