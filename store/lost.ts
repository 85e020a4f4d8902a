// Open incidents whose workflow may be gone, and what one that takes an incident up again must know.
import { sql } from 'kysely'
import type { IncidentId } from '../domain/ids.ts'
import type { Store } from './connect.ts'

/** The last sequence and the last round of evidence that were used. */
export type Left = { readonly sequence: number; readonly round: number }

/** An incident that the dispatcher has still to start is nobody else's. */
const started = sql`not exists (select 1 from dispatch d where d.incident = i.id and d.kind = 'start' and d.done_at is null)`

/** Null: it is closed, or its start is still to come, so nothing of it can be lost. */
export async function readLeft(
  store: Store,
  incident: IncidentId,
): Promise<(Left & { readonly dryRun: boolean }) | null> {
  const rows = await sql<Left & { readonly dryRun: boolean }>`
    select greatest(i.sequence, coalesce((select max(sequence) from timeline t where t.incident = i.id), 0)) as sequence,
      coalesce((select max(round) from incident_evidence e where e.incident = i.id), 0) as round,
      i.dry_run as "dryRun"
    from incident i where i.id = ${incident} and i.state <> 'closed' and ${started}`.execute(store)
  return rows.rows[0] ?? null
}

/** Incidents that are open and were started once, by id, from `after` on. */
export async function openIncidents(store: Store, after: IncidentId, limit: number): Promise<readonly IncidentId[]> {
  const rows = await sql<{ id: IncidentId }>`
    select i.id from incident i where i.state <> 'closed' and i.id > ${after} and ${started}
    order by i.id limit ${limit}`.execute(store)
  return rows.rows.map(({ id }) => id)
}
