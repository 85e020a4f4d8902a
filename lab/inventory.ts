// The lab's hosts as an inventory file for Millwright: who they are, how they are reached, and the host key that each one must show.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { labFolder } from './paths.ts'
import type { HostState, LabState } from './state.ts'

export function inventoryPath(lab: string): string {
  return join(labFolder(lab), 'inventory.yaml')
}

export async function writeInventory(state: LabState): Promise<void> {
  const hosts = state.hosts.filter((host) => host.role === 'web').map(entry)
  await writeFile(inventoryPath(state.name), stringify({ hosts }))
}

function entry(host: HostState): object {
  return {
    id: host.name,
    name: host.name,
    address: host.address,
    port: 22,
    users: { read: 'millwright-ro', act: 'millwright-act' },
    hostKeys: host.hostKey === undefined ? [] : [host.hostKey],
    role: host.role,
    environment: 'lab',
    team: 'default',
    units: ['nginx.service', 'acme-app.service'],
    endpoints: [`http://${host.address}/`],
  }
}
