// What verifying has to know of the time before and after a change.
import type { ProbeOutcome } from '../domain/evidence.ts'
import type { IncidentId, PlanId } from '../domain/ids.ts'
import type { Store } from './connect.ts'

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
