// Inventory and catalogue as loaded at one moment. SIGHUP loads both anew; when either is wrong, both stay as they
// were.
import { join } from 'node:path'
import type { Logger } from 'pino'
import { loadCatalogue } from '../catalogue/load.ts'
import type { InventorySnapshot } from '../domain/inventory.ts'
import type { Catalogue } from '../domain/playbook.ts'
import { loadPolicies, type Policies } from '../policies/evaluate.ts'
import { loadInventory } from '../integrations/load.ts'
import type { Config } from '../runtime/config.ts'

export type Files = {
  readonly inventory: InventorySnapshot
  readonly catalogue: Catalogue
  readonly policies: Policies
}

const playbooks = join(import.meta.dirname, '..', 'playbooks')

/** Loads them and keeps an ear on SIGHUP. Throws what loading throws; after the first time it only logs. */
export async function watchFiles(
  config: Config,
  log: Logger,
): Promise<{ readonly now: () => Files; readonly stop: () => void }> {
  let current = await loadFiles(config)
  const reload = (): void => {
    loadFiles(config).then(
      (files) => {
        current = files
        const digests = {
          inventory: files.inventory.digest,
          catalogue: files.catalogue.digest,
          policies: files.policies.digest,
        }
        log.info(digests, 'inventory, catalogue and policies are loaded anew')
      },
      (error: unknown) => log.error({ error }, 'nothing was loaded anew: everything stays as it was'),
    )
  }
  process.on('SIGHUP', reload)
  return { now: () => current, stop: () => process.off('SIGHUP', reload) }
}

async function loadFiles(config: Config): Promise<Files> {
  const [inventory, catalogue] = await Promise.all([
    loadInventory(config),
    loadCatalogue({ dir: playbooks, modes: config.playbooks }),
  ])
  return { inventory, catalogue, policies: loadPolicies(config.policies) }
}
