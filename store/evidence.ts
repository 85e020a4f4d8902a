// Evidence: immutable, content-addressed, written once; a round says in which order an incident's questions were
// answered.
import { sql } from 'kysely'
import { canonicalJson } from '../domain/canonical-json.ts'
import type { Evidence } from '../domain/evidence.ts'
import type { HostId, IncidentId } from '../domain/ids.ts'
import type { Store } from './connect.ts'

type Round = { readonly incident: IncidentId; readonly round: number; readonly host: HostId }

/**
 * Writes a whole round in one transaction. A round that stands already keeps its evidence; the answer says whether
 * this one was new.
 */
export async function saveEvidence(
  store: Store,
  { incident, round, host }: Round,
  evidence: readonly Evidence[],
): Promise<boolean> {
  if (evidence.length === 0) return true
  return store.transaction().execute(async (transaction) => {
    await sql`select 1 from incident where id = ${incident} for update`.execute(transaction)
    await transaction
      .insertInto('evidence')
      .values(evidence.map(rowOf))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
    const before = await transaction
      .selectFrom('incident_evidence')
      .select('position')
      .where('incident', '=', incident)
      .where('round', '=', round)
      .executeTakeFirst()
    if (before !== undefined) return false
    const taken = evidence.map(({ id, takenAt }, position) => ({
      incident,
      round,
      position,
      evidence: id,
      host,
      taken_at: takenAt,
    }))
    await transaction.insertInto('incident_evidence').values(taken).execute()
    return true
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
