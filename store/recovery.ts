// What verifying has to know of the time before and after a change.
import { sql } from 'kysely'
import type { ProbeOutcome } from '../domain/evidence.ts'
import type { HostId, IncidentId, PlanId } from '../domain/ids.ts'
import type { Store } from './connect.ts'

/** At most this many other incidents are asked whether they repaired the same thing. */
const maximumRepairs = 4

/** The newest answer to a question without parameters that an incident had before a moment; null when there is none. */
export async function readAnswerBefore(
  store: Store,
  { incident, probe, before }: { readonly incident: IncidentId; readonly probe: string; readonly before: Date },
): Promise<ProbeOutcome | null> {
  const row = await store
    .selectFrom('incident_evidence as taken')
    .innerJoin('evidence', 'evidence.id', 'taken.evidence')
    .select('outcome')
    .where('taken.incident', '=', incident)
    .where('evidence.probe', '=', probe)
    .where('taken.taken_at', '<=', before)
    .orderBy('taken.taken_at', 'desc')
    .executeTakeFirst()
  return row?.outcome ?? null
}

/** When the plan's run ended; null while no run of it has. */
export async function readRunEnd(store: Store, plan: PlanId): Promise<Date | null> {
  const row = await store
    .selectFrom('run')
    .select('ended_at')
    .where('plan', '=', plan)
    .where('ended_at', 'is not', null)
    .orderBy('ended_at', 'desc')
    .executeTakeFirst()
  return row?.ended_at ?? null
}

/**
 * Other incidents of a host that a run repaired which ended since the last time when this incident came up, also
 * while it is still watched whether that holds; the newest first, and few: it is asked which of them was about the
 * same thing.
 */
export async function readRepairsSince(
  store: Store,
  { incident, host }: { readonly incident: IncidentId; readonly host: HostId },
): Promise<readonly { readonly id: IncidentId; readonly number: number }[]> {
  const since = sql<Date>`coalesce((select max(at) from timeline t
    where t.incident = ${incident} and entry->>'kind' in ('alerted', 'reopened')), 'infinity')`
  const rows = await store
    .selectFrom('run')
    .innerJoin('incident', 'incident.id', 'run.incident')
    .select(['incident.id', 'incident.number'])
    .where('run.host', '=', host)
    .where('run.incident', '<>', incident)
    .where('run.state', '=', 'succeeded')
    .where('run.ended_at', '>=', since)
    .where((eb) => eb('incident.closed_reason', '=', 'recovered').or('incident.state', '=', 'verifying'))
    .orderBy('run.ended_at', 'desc')
    .limit(maximumRepairs)
    .execute()
  return rows.map(({ id, number }) => ({ id, number: Number(number) }))
}
