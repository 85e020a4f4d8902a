// What a worker knows beside the store: inventory, catalogue and policies, replaced as a whole on SIGHUP.
import { fileURLToPath } from 'node:url'
import type { InventorySnapshot } from '../domain/inventory.ts'
import type { Catalogue } from '../domain/playbook.ts'
import { loadCatalogue } from '../catalogue/load.ts'
import { loadInventory } from '../integrations/load.ts'
import { loadPolicies, type Policies } from '../policies/evaluate.ts'
import { loadProbes, type Probes } from '../probes/load.ts'
import type { Config } from '../runtime/config.ts'
import type { ProcessContext } from '../runtime/process.ts'

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
  let known = await loadKnown(config, probes)
  const reload = (): void => {
    loadKnown(config, probes).then(
      (fresh) => {
        known = fresh
        log.info('Inventory, catalogue and policies are loaded anew.')
      },
      (error: unknown) => log.error({ error }, 'Nothing was loaded anew; what was known before still counts.'),
    )
  }
  process.on('SIGHUP', reload)
  return {
    catalogue: () => known.catalogue,
    inventory: () => known.inventory,
    policies: () => known.policies,
    probes,
    end: () => void process.off('SIGHUP', reload),
  }
}

async function loadKnown(config: Config, probes: Probes): Promise<Known> {
  const [catalogue, inventory] = await Promise.all([
    loadCatalogue({ dir: ownPlaybooks, modes: config.playbooks, probes: probes.byName }),
    loadInventory(config),
  ])
  return { catalogue, inventory, policies: loadPolicies(config.policies) }
}
