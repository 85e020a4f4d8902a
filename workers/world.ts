// What a worker knows beside the store: inventory, catalogue and policies, replaced as a whole on SIGHUP.
import { fileURLToPath } from 'node:url'
import type { InventorySnapshot } from '../domain/inventory.ts'
import type { Catalogue } from '../domain/playbook.ts'
import { loadCatalogue } from '../catalogue/load.ts'
import { reloadInventory } from '../integrations/load.ts'
import { loadPolicies, type Policies } from '../policies/evaluate.ts'
import { loadProbes, type Probes } from '../probes/load.ts'
import type { ProcessContext } from '../runtime/process.ts'
import { reloading } from '../runtime/reloading.ts'
import { strangeEnvironments } from './strangers.ts'

/** The folder of playbooks that come with Millwright. */
export const ownPlaybooks: string = fileURLToPath(new URL('../playbooks', import.meta.url))

type Known = { readonly catalogue: Catalogue; readonly inventory: InventorySnapshot; readonly policies: Policies }

export type World = {
  readonly catalogue: () => Catalogue
  readonly inventory: () => InventorySnapshot
  readonly policies: () => Policies
  readonly probes: Probes
  /** Stops listening for SIGHUP. */
  readonly end: () => void
}

/** Throws what the loaders throw. A reload that fails changes nothing and says why in the log. */
export async function loadWorld({ config, log }: Pick<ProcessContext, 'config' | 'log'>): Promise<World> {
  const probes = await loadProbes()
  const known = await reloading<Known>(async (first) => {
    const [catalogue, inventory] = await Promise.all([
      loadCatalogue({ dir: ownPlaybooks, modes: config.playbooks, probes: probes.byName }),
      reloadInventory(config, first?.inventory ?? null),
    ])
    for (const says of strangeEnvironments(config, inventory.hosts)) log.warn(says)
    return { catalogue, inventory, policies: loadPolicies(config.policies) }
  }, log)
  return {
    catalogue: () => known.now().catalogue,
    inventory: () => known.now().inventory,
    policies: () => known.now().policies,
    probes,
    end: known.stop,
  }
}
