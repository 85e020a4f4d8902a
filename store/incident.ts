// What the straight line reads of an incident: where it stands, what its alerts are about, what was tried before.
import { sql } from 'kysely'
import type { Labels } from '../domain/alert.ts'
import type { Evidence } from '../domain/evidence.ts'
import { Failure } from '../domain/failure.ts'
import type { HostId, IncidentId, RunId } from '../domain/ids.ts'
import { attemptWindowHours } from '../domain/incident.ts'
import type { Subject } from '../domain/inventory.ts'
import type { Standing } from '../domain/timeline.ts'
import type { Store } from './connect.ts'
import type { Taken } from './evidence.ts'

/** Throws `input.not-found`. */
export async function readStanding(store: Store, incident: IncidentId): Promise<Required<Standing>> {
  const rows = await sql<Required<Standing>>`
    select state, began.sequence,
      coalesce((select max(round) from incident_evidence e where e.incident = i.id), 0) as round,
      array(select r.id from run r where r.incident = i.id and r.state = 'unknown' and exists (
        select 1 from timeline t where t.incident = i.id and t.sequence > began.sequence
          and entry->>'kind' = 'run-ended' and entry->>'run' = r.id)) as unknown,
      exists (select 1 from timeline t where t.incident = i.id and t.sequence > began.sequence
        and entry->>'kind' = 'run-ended' and entry->>'undo' = 'true' and entry#>>'{outcome,kind}' = 'failed')
        as "undoFailed"
    from incident i, lateral (
      select coalesce(max(t.sequence), 0) as sequence from timeline t
      where t.incident = i.id and entry->>'kind' in ('alerted', 'reopened')) began
    where i.id = ${incident}`.execute(store)
  return found(rows.rows[0], incident)
}

export type IncidentFacts = {
  readonly host: string | null
  readonly storm: boolean
  readonly source: string
  readonly team: string
  readonly environment: string
  /** Attempts are counted for it. */
  readonly identity: string
  readonly sourceStatus: 'firing' | 'resolved'
}

/** Throws `input.not-found`. */
export async function readIncident(store: Store, incident: IncidentId): Promise<IncidentFacts> {
  const row = await store
    .selectFrom('incident')
    .select(['host', 'storm', 'source', 'team', 'environment', 'identity', 'source_status as sourceStatus'])
    .where('id', '=', incident)
    .executeTakeFirst()
  return found(row, incident)
}

/** Of the alert that opened it, redacted; none when its deliveries are past their time. */
export async function readLabels(store: Store, incident: IncidentId): Promise<Labels> {
  const row = await store
    .selectFrom('alert')
    .select('labels')
    .where('incident', '=', incident)
    .orderBy('received_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row?.labels ?? {}
}

/** At most this many subjects of one incident are looked at. */
const maximumSubjects = 16

/** What the alerts of an incident are about, each once; every value stood in the inventory when it was recorded. */
export async function readSubjects(store: Store, incident: IncidentId): Promise<readonly Subject[]> {
  return (await readSubjectsCounted(store, incident)).subjects
}

/** The same; `complete` is false when there are more than these, or the sender left alerts out of its last word. */
export async function readSubjectsCounted(
  store: Store,
  incident: IncidentId,
): Promise<{ readonly subjects: readonly Subject[]; readonly complete: boolean }> {
  const rows = await sql<{ subject: Subject }>`
    select distinct on (subject) subject from alert, jsonb_array_elements(subjects) as subject
    where incident = ${incident} order by subject limit ${maximumSubjects + 1}`.execute(store)
  const subjects = rows.rows.slice(0, maximumSubjects).map((row) => row.subject)
  const leftOut = await sql<{ some: boolean }>`
    select d.truncated_alerts > 0 as some from alert a join delivery d on d.id = a.delivery
    where a.incident = ${incident} order by a.received_at desc limit 1`.execute(store)
  const complete = rows.rows.length <= maximumSubjects && leftOut.rows[0]?.some !== true
  return { subjects, complete }
}

/**
 * Playbooks that were started on this host for this identity within the window, oldest first. An undo is no attempt;
 * `except` leaves out the run that asks.
 */
export async function readAttempts(
  store: Store,
  { host, identity, except }: { readonly host: string; readonly identity: string; readonly except?: RunId },
): Promise<readonly string[]> {
  const rows = await store
    .selectFrom('run')
    .innerJoin('plan', 'plan.id', 'run.plan')
    .select('run.playbook')
    .where('run.host', '=', host)
    .where('plan.identity', '=', identity)
    .where('plan.kind', '=', 'remediate')
    .where('run.state', 'not in', ['planned', 'refused'])
    .where('run.id', '<>', except ?? '')
    .where('run.created_at', '>', sql<Date>`now() - make_interval(hours => ${attemptWindowHours})`)
    .orderBy('run.created_at')
    .execute()
  return rows.map((row) => row.playbook)
}

/** Another incident that is changing this host or proves a change on it; null when there is none. */
export async function readChanging(
  store: Store,
  { incident, host }: { readonly incident: IncidentId; readonly host: HostId },
): Promise<{ readonly id: IncidentId; readonly number: number } | null> {
  const row = await store
    .selectFrom('incident')
    .select(['id', 'number'])
    .where('host', '=', host)
    .where('id', '<>', incident)
    .where('state', 'in', ['remediating', 'verifying'])
    .orderBy('id')
    .executeTakeFirst()
  return row === undefined ? null : { id: row.id, number: Number(row.number) }
}

/** Hosts with an open incident. */
export async function readTroubled(store: Store): Promise<ReadonlySet<HostId>> {
  const rows = await store
    .selectFrom('incident')
    .select('host')
    .distinct()
    .where('state', '<>', 'closed')
    .where('dry_run', '=', false)
    .execute()
  return new Set(rows.flatMap(({ host }) => host ?? []))
}

/** One round of evidence, in the order in which it was taken. */
export async function readRound(store: Store, incident: IncidentId, round: number): Promise<readonly Evidence[]> {
  return (await readTaken(store, incident, round)).map(({ evidence }) => evidence)
}

/** The same, with whose answer each is. */
export async function readTaken(store: Store, incident: IncidentId, round: number): Promise<readonly Taken[]> {
  const rows = await store
    .selectFrom('incident_evidence as taken')
    .innerJoin('evidence', 'evidence.id', 'taken.evidence')
    .select(['host', 'evidence.id', 'probe', 'params', 'outcome', 'taken_at', 'host_clock', 'host_digest'])
    .where('taken.incident', '=', incident)
    .where('taken.round', '=', round)
    .orderBy('taken.position')
    .execute()
  return rows.map((row) => ({
    host: row.host,
    evidence: {
      id: row.id,
      request: { probe: row.probe, params: row.params },
      outcome: row.outcome,
      takenAt: row.taken_at.toISOString(),
      hostClock: row.host_clock?.toISOString() ?? null,
      hostDigest: row.host_digest,
    },
  }))
}

function found<Row>(row: Row | undefined, incident: IncidentId): Row {
  if (row === undefined) throw new Failure({ code: 'input.not-found', message: `There is no incident ${incident}.` })
  return row
}
