// What matching and planning look at: the incident's host, subjects, one round of evidence, and the catalogue.
import type { Evidence } from '../domain/evidence.ts'
import { Failure } from '../domain/failure.ts'
import type { IncidentId } from '../domain/ids.ts'
import type { InventoryHost, InventorySnapshot, Subject } from '../domain/inventory.ts'
import type { Catalogue } from '../domain/playbook.ts'
import type { Store } from '../store/connect.ts'
import { readIncident, readRound, readSubjects, type IncidentFacts } from '../store/incident.ts'

export type RoundDeps = {
  readonly store: Store
  readonly catalogue: () => Catalogue
  readonly inventory: () => InventorySnapshot
}

export type Round = {
  readonly incident: IncidentFacts
  readonly scope: { readonly host: InventoryHost; readonly subjects: readonly Subject[] }
  readonly evidence: readonly Evidence[]
}

/** Throws `input.not-found` when the incident has no host that stands in the inventory. */
export async function readWholeRound(
  { store, inventory }: RoundDeps,
  incident: IncidentId,
  round: number,
): Promise<Round> {
  const facts = await readIncident(store, incident)
  const host = inventory().hosts.find((one) => one.id === facts.host)
  if (host === undefined) {
    throw new Failure({
      code: 'input.not-found',
      message: `The host ${facts.host ?? '(none)'} of ${incident} does not stand in the inventory.`,
      hint: 'Add it to the inventory, then let the alert fire again.',
    })
  }
  const [subjects, evidence] = [await readSubjects(store, incident), await readRound(store, incident, round)]
  return { incident: facts, scope: { host, subjects }, evidence }
}
