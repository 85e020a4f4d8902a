// A lab's hosts as the hands worker sees them: inventory, reading connection, authority.
import { readFileSync } from 'node:fs'
import { createAskHost } from '../../activities/ask-host.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import yaml from '../../integrations/inventories/yaml/index.ts'
import type { Lab } from '../../lab/up.ts'
import { loadProbes } from '../../probes/load.ts'
import { openReadConnections } from '../../runtime/ssh.ts'
import type { Fleet } from '../activities/run-world.ts'

export type LabFleet = {
  readonly host: (name: string) => InventoryHost
  readonly fleet: (name: string) => Fleet
  readonly close: () => void
}

export async function labFleet(lab: Lab): Promise<LabFleet> {
  const hosts = await yaml.load({ file: lab.inventoryPath })
  const ssh = openReadConnections({ privateKey: readFileSync(lab.readKeyPath, 'utf8') })
  const measure = createAskHost({ probes: await loadProbes(), ssh, now: () => new Date() })
  const host = (name: string): InventoryHost => {
    const found = hosts.find((one) => one.name === name)
    if (found === undefined) throw new Error(`The lab has no host ${name}.`)
    return found
  }
  const authority = () => readFileSync(lab.authorityKeyPath, 'utf8')
  return { host, fleet: (name) => ({ host: host(name), authority, measure }), close: ssh.close }
}
