// The catalogue: every pinned playbook, each in its mode per environment. Anything unpinned or malformed refuses the
// whole catalogue.
import type { Catalogue, Mode, Playbook } from '../domain/playbook.ts'
import { Failure } from '../domain/failure.ts'
import { digestOf } from '../runtime/digest.ts'
import { installedFrame } from '../runtime/ansible/frame.ts'
import type { Probe } from '../probes/probe.ts'
import { entryNames, readEntry } from './entry.ts'
import { type Installed, pinnedDigest, readLock } from './lock.ts'
import { checkReadings } from './readings.ts'

export type CatalogueSource = {
  /** The folder of playbooks, with its lock. */
  readonly dir: string
  /** From the config: modes by playbook and environment. What is not named is `draft`. */
  readonly modes: Readonly<Record<string, Readonly<Record<string, Mode>>>>
  /** The probes that exist; given, every predicate must be one that they can answer. */
  readonly probes?: ReadonlyMap<string, Probe>
  /** Versions to compare the lock with; default: those installed here. */
  readonly installed?: Installed
}

/**
 * Loads every playbook. Throws `catalogue.invalid` (file, line, key, what was expected), `catalogue.not-pinned` (which
 * playbook), `setup.missing` when Ansible is not there.
 */
export async function loadCatalogue({ dir, modes, probes, installed }: CatalogueSource): Promise<Catalogue> {
  const here = installed ?? installedFrame()
  const lock = readLock(dir)
  const playbooks = entryNames(dir).map((id): Playbook => {
    const entry = readEntry(dir, id)
    if (probes !== undefined) checkReadings(dir, entry, probes)
    const { expectChanged: _, ...manifest } = entry.manifest
    return { ...manifest, digest: pinnedDigest(lock, entry, here), modes: { '*': 'draft', ...modes[id] } }
  })
  const conflicts = playbooks.flatMap((playbook) => playbook.conflicts.map((other) => [playbook.id, other] as const))
  const unknown = conflicts.find(([, other]) => playbooks.every(({ id }) => id !== other))
  if (unknown !== undefined) throw unknownConflict(...unknown)
  const removed = Object.keys(lock.playbooks).find((id) => playbooks.every((playbook) => playbook.id !== id))
  if (removed !== undefined) throw missingFolder(removed)
  return { digest: digestOf({ playbooks: playbooks.map(({ id, digest }) => [id, digest]), ...here }), playbooks }
}

function unknownConflict(id: string, other: string): Failure {
  return new Failure({
    code: 'catalogue.invalid',
    message: `The manifest of ${id}: conflicts: there is no playbook ${other}.`,
    hint: 'Name a folder of playbooks/, or take it out.',
  })
}

function missingFolder(id: string): Failure {
  return new Failure({
    code: 'catalogue.not-pinned',
    message: `The playbook ${id} is pinned, and its folder is gone.`,
    hint: 'Restore the folder, or type `npx millwright playbook lock` to unpin it.',
  })
}
