// Step 5: the targets that were resolved when the alerts were recorded, and what was tried on them before.
import type { InventorySnapshot, Subject } from '../domain/inventory.ts'
import type { Store } from '../store/connect.ts'
import { readAttempts, readIncident, readSubjects } from '../store/incident.ts'
import type { ControlActivities } from './types.ts'

export type ScopeDeps = { readonly store: Store; readonly inventory: () => InventorySnapshot }

export function createScopeIncident({ store, inventory }: ScopeDeps): ControlActivities['scopeIncident'] {
  return async ({ incident }) => {
    const { host: hostId, storm, identity } = await readIncident(store, incident)
    if (storm) {
      return { kind: 'storm', says: 'Many incidents of one group opened at once. A person looks at the whole first.' }
    }
    if (hostId === null) {
      return { kind: 'unresolved', says: "The alert's labels name nothing that stands in the inventory." }
    }
    const host = inventory().hosts.find((one) => one.id === hostId)
    if (host === undefined) return { kind: 'unresolved', says: `The host ${hostId} stands in the inventory no more.` }
    const subjects = (await readSubjects(store, incident)).map(nameOf)
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

function nameOf(subject: Subject): string {
  switch (subject.kind) {
    case 'unit':
      return subject.unit
    case 'endpoint':
      return subject.endpoint
    case 'mount':
      return subject.mount
  }
}
