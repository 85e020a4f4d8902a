// The catalogue with what became of each playbook's runs.
import type { InventorySnapshot } from '../../domain/inventory.ts'
import { type Catalogue, modeIn, type Playbook } from '../../domain/playbook.ts'
import type { PlaybookView } from '../../domain/telling/fleet-view.ts'
import type { Config } from '../../runtime/config.ts'
import type { Store } from '../connect.ts'
import type { Readable } from './incident-row.ts'
import { lastRun, recordOf, type RunRecord, runRecords } from './record.ts'

/** How many runs of each playbook are listed. */
const listedRuns = 10

type Context = Readable & {
  readonly now: Date
  readonly catalogue: Catalogue
  readonly inventory: InventorySnapshot
  readonly config: Config
}

/** Every playbook of the catalogue, in its order. */
export async function playbookList(store: Store, context: Context): Promise<readonly PlaybookView[]> {
  const runs = await runRecords(store, context)
  const environments = environmentsOf(context.inventory, context.config)
  return context.catalogue.playbooks.map((playbook) => view({ playbook, runs, environments }))
}

/** Where hosts stand, and where the config names an environment. */
export function environmentsOf(inventory: InventorySnapshot, config: Config): readonly string[] {
  const named = [...inventory.hosts.map((host) => host.environment), ...Object.keys(config.environments)]
  return [...new Set(named)].toSorted()
}

type Parts = {
  readonly playbook: Playbook
  readonly runs: readonly RunRecord[]
  readonly environments: readonly string[]
}

function view({ playbook, runs, environments }: Parts): PlaybookView {
  const own = runs.filter((run) => run.playbook === playbook.id)
  const { id, version, digest, title, wants, owner, whenToUse, whenNotToUse, tier, limits } = playbook
  return {
    id,
    version,
    digest,
    title,
    wants,
    owner,
    whenToUse,
    whenNotToUse,
    tier,
    limits,
    modes: (environments.length === 0 ? ['*'] : environments).map((environment) => ({
      environment,
      mode: modeIn(playbook, environment),
    })),
    signatures: playbook.signatures.map((signature) => ({
      id: signature.id,
      says: signature.says,
      conditions: [
        ...signature.all.map((predicate) => predicate.says),
        ...signature.none.map((predicate) => `not: ${predicate.says}`),
      ],
    })),
    effects: playbook.effects.map(({ says, reversible }) => ({ says, reversible })),
    verify: playbook.verify.predicates.map((predicate) => predicate.says),
    soakSeconds: playbook.verify.soakSeconds,
    undo: playbook.undo.kind === 'play' ? 'Has a tested undo.' : `No undo: ${playbook.undo.reason}`,
    record: recordOf(own),
    lastRuns: own.slice(0, listedRuns).map(lastRun),
  }
}
