// The lab's hosts as an inventory file for Millwright: who they are, how they are reached, and the host key that each
// one must show.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { inventoryDeclaration } from './declaration.ts'
import { labFolder } from './paths.ts'
import type { HostState, LabState } from './state.ts'

export function inventoryPath(lab: string): string {
  return join(labFolder(lab), 'inventory.yaml')
}

/** The monitoring host is not in it: Millwright may not look at what judges it. */
export async function writeInventory(state: LabState): Promise<void> {
  const hosts = state.hosts.filter((host) => host.role === 'web').map(entry)
  await writeFile(inventoryPath(state.name), stringify({ hosts }, { aliasDuplicateObjects: false, lineWidth: 0 }))
}

function entry({ name, address, hostKey, role }: HostState): object {
  const hostKeys = hostKey === undefined ? [] : [hostKey]
  return { id: name, name, address, hostKeys, team: 'default', environment: 'lab', role, ...inventoryDeclaration(name) }
}
