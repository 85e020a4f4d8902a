// Inventory, catalogue and policies for the gateway.
import { join } from 'node:path'
import { loadCatalogue } from '../catalogue/load.ts'
import type { InventorySnapshot } from '../domain/inventory.ts'
import type { Catalogue } from '../domain/playbook.ts'
import { reloadInventory } from '../integrations/load.ts'
import { loadPolicies, type Policies } from '../policies/evaluate.ts'
import type { Config } from '../runtime/config.ts'

export type Files = {
  readonly inventory: InventorySnapshot
  readonly catalogue: Catalogue
  readonly policies: Policies
}

const playbooks = join(import.meta.dirname, '..', 'playbooks')

/** For `reloading`. Throws what the loaders throw. */
export async function loadFiles(config: Config, first: Files | null): Promise<Files> {
  const [inventory, catalogue] = await Promise.all([
    reloadInventory(config, first?.inventory ?? null),
    loadCatalogue({ dir: playbooks, modes: config.playbooks }),
  ])
  return { inventory, catalogue, policies: loadPolicies(config.policies) }
}
