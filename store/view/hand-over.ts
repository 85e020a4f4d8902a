// The hand-over pack of one incident, from its rows and the inventory.
import { handOverPack } from '../../domain/telling/hand-over.ts'
import type { InventorySnapshot, Subject } from '../../domain/inventory.ts'
import type { Catalogue } from '../../domain/playbook.ts'
import { decidingFacts } from '../../domain/telling/seen.ts'
import { nextCommands } from '../../domain/telling/next-commands.ts'
import type { HandOver } from '../../domain/telling/view.ts'
import type { Store } from '../connect.ts'
import { lookersOf } from '../looked.ts'
import { quarantineView } from './hosts.ts'
import { findIncident, momentsOf, type Readable, toRow } from './incident-row.ts'
import { alertsOf, newestEvidence, runsOf } from './parts.ts'

type Context = Readable & {
  readonly now: Date
  readonly inventory: InventorySnapshot
  readonly catalogue: Catalogue
}

/** By number, `INC-12` or id; of any incident, also one that nobody handed over. Throws `input.not-found`. */
export async function handOver(
  store: Store,
  reference: string,
  { now, inventory, catalogue, team }: Context,
): Promise<HandOver> {
  const stored = await findIncident(store, reference, { team })
  const [moments, alerts, evidence, runs, subjects] = await Promise.all([
    momentsOf(store, stored.id),
    alertsOf(store, stored.id),
    newestEvidence(store, { id: stored.id, host: stored.host }, decidingFacts(catalogue.playbooks)),
    runsOf(store, stored.id),
    subjectsOf(store, stored.id),
  ])
  const incident = toRow(stored, moments, now)
  const host = inventory.hosts.find((one) => one.id === stored.host) ?? null
  const unknownRun = runs.listed.findLast((run) => run.state === 'unknown')?.id ?? null
  const quarantined = stored.host === null ? null : await quarantineView(store, stored.host)
  const situation = {
    number: incident.number,
    reason: stored.reason,
    host,
    subjects,
    unknownRun,
    closed: incident.state === 'closed',
  }
  const commands = nextCommands({ ...situation, quarantined: quarantined !== null })
  const looking = await lookersOf(store, stored.id, now)
  const at = now.toISOString()
  const parts = { incident, at, moments, alerts, evidence, runs, commands, quarantined, looking }
  return handOverPack({ ...parts, target: stored.host })
}

async function subjectsOf(store: Store, incident: string): Promise<readonly Subject[]> {
  const rows = await store
    .selectFrom('alert')
    .select('subjects')
    .where('incident', '=', incident)
    .orderBy('received_at', 'desc')
    .limit(60)
    .execute()
  return rows.flatMap((row) => row.subjects)
}
