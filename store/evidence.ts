// Evidence: immutable, content-addressed, written once; a round says in which order an incident's questions were
// answered.
import { sql } from 'kysely'
import { canonicalJson } from '../domain/canonical-json.ts'
import type { Evidence } from '../domain/evidence.ts'
import type { Place } from '../domain/evidence-text.ts'
import type { HostId, IncidentId } from '../domain/ids.ts'
import type { Store } from './connect.ts'

/** A piece of evidence, and whose answer it is. */
export type Taken = { readonly host: HostId; readonly evidence: Evidence }

/** Answers of one host. */
export function takenFrom(host: HostId, evidence: readonly Evidence[]): readonly Taken[] {
  return evidence.map((one) => ({ host, evidence: one }))
}

/**
 * Writes a whole round in one transaction. A round that stands already keeps its evidence; the answer says whether
 * this one was new.
 */
export async function saveEvidence(
  store: Store,
  { incident, round }: { readonly incident: IncidentId; readonly round: number },
  taken: readonly Taken[],
): Promise<boolean> {
  if (taken.length === 0) return true
  return store.transaction().execute(async (transaction) => {
    await sql`select 1 from incident where id = ${incident} for update`.execute(transaction)
    await transaction
      .insertInto('evidence')
      .values(taken.map(({ evidence }) => rowOf(evidence)))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
    const before = await transaction
      .selectFrom('incident_evidence')
      .select('position')
      .where('incident', '=', incident)
      .where('round', '=', round)
      .executeTakeFirst()
    if (before !== undefined) return false
    const rows = taken.map(({ host, evidence: { id, takenAt } }, position) => ({
      incident,
      round,
      position,
      evidence: id,
      host,
      taken_at: takenAt,
    }))
    await transaction.insertInto('incident_evidence').values(rows).execute()
    return true
  })
}

/** More than an incident takes within its limits; of more, the newest. */
const maximumEvidence = 2_000

/** Everything that was taken for an incident, with its place. */
export async function readEvidence(
  store: Store,
  incident: IncidentId,
): Promise<readonly (Pick<Evidence, 'id' | 'request' | 'outcome'> & { readonly place: Place })[]> {
  const rows = await store
    .selectFrom('incident_evidence as taken')
    .innerJoin('evidence', 'evidence.id', 'taken.evidence')
    .select(['evidence.id', 'probe', 'params', 'outcome', 'round', 'position'])
    .where('taken.incident', '=', incident)
    .orderBy('round', 'desc')
    .orderBy('position')
    .limit(maximumEvidence)
    .execute()
  return rows.map(({ id, probe, params, outcome, round, position }) => {
    return { id, request: { probe, params }, outcome, place: { round, position } }
  })
}

/** Times that stand with our own clock are not part of what was answered, so the same answer is one row. */
function rowOf({ id, request, outcome, hostClock, hostDigest }: Evidence) {
  const body = canonicalJson(outcome)
  return {
    id,
    probe: request.probe,
    params: canonicalJson(request.params),
    outcome: body,
    host_clock: hostClock,
    host_digest: hostDigest,
    bytes: Buffer.byteLength(body),
  }
}
