// One transition of an incident in one transaction: timeline, state, audit and what people are told. Idempotent by its
// sequence.
import { sql, type Transaction } from 'kysely'
import { canonicalJson, type Json } from '../domain/canonical-json.ts'
import { Failure } from '../domain/failure.ts'
import type { IncidentId } from '../domain/ids.ts'
import { incidentMoves, type HandOverReason, type IncidentState } from '../domain/incident.ts'
import type { TimelineEntry, Transition } from '../domain/timeline.ts'
import { countFirings } from './alert.ts'
import { insertAudit } from './audit.ts'
import type { Store } from './connect.ts'
import { quarantineAfter } from './quarantine.ts'
import type { Database } from './schema.ts'
import { jsonText } from './text.ts'
import { checkNames } from './transition-names.ts'

type Tx = Transaction<Database>

/** What a transition finds in the incident's row, which nobody else changes before it ends. */
export type LockedIncident = {
  readonly id: IncidentId
  readonly number: number
  readonly title: string
  readonly severity: string | null
  readonly team: string
  readonly environment: string
  readonly host: string | null
  readonly state: IncidentState
  /** Of its last transition. */
  readonly sequence: number
}

/** Called inside the transaction, after it is written: what people are told about it. */
export type Tell = (tx: Tx, incident: LockedIncident, transition: Transition) => Promise<void>

/**
 * Writes it. The same entry again changes nothing; another entry under a known sequence replaces it and what came
 * after, for it came from a workflow task that was lost, and the incident stands again where it stood before. Throws
 * `bug` for a move that states don't allow and for a plan, run or decision that is not the incident's,
 * `input.not-found` for an unknown incident. False: another alert fired in the meantime, so nothing was written; the
 * inbox holds the same row while it records one.
 */
export async function writeTransition(store: Store, transition: Transition, tell: Tell): Promise<boolean> {
  return store.transaction().execute(async (tx) => {
    return write(tx, await lockIncident(tx, transition.incident), transition, tell)
  })
}

/**
 * Writes it where the story stands right before it. Where it stands there already, or the story has gone on, nothing
 * is written: for a worker that may be late, and never takes anything back. Nobody is told. Throws as above.
 */
export async function writeNext(store: Store, transition: Transition): Promise<void> {
  await store.transaction().execute(async (tx) => {
    const incident = await lockIncident(tx, transition.incident)
    if (incident.sequence === transition.sequence - 1) await write(tx, incident, transition, () => Promise.resolve())
  })
}

async function write(tx: Tx, incident: LockedIncident, transition: Transition, tell: Tell): Promise<boolean> {
  const before = await entryAt(tx, transition)
  if (before !== null && canonicalJson(before) === canonicalJson(transition.entry)) return true
  if (transition.firings !== undefined && (await countFirings(tx, incident.id)) > transition.firings) return false
  const standing = before === null ? null : await takeBack(tx, incident, transition)
  checkMove(standing?.state ?? incident.state, transition.state)
  await checkNames(tx, incident.id, transition.entry)
  const now = new Date()
  await insertEntry(tx, transition, now)
  await moveIncident(tx, transition, standing, now)
  await insertAudit(tx, [auditOf(incident, transition, now, before !== null)])
  await quarantineAfter(tx, incident, transition.entry, now)
  await tell(tx, incident, transition)
  return true
}

async function lockIncident(tx: Tx, id: IncidentId): Promise<LockedIncident> {
  const row = await tx
    .selectFrom('incident')
    .select(['id', 'number', 'title', 'severity', 'team', 'environment', 'host', 'state', 'sequence'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw new Failure({ code: 'input.not-found', message: `There is no incident ${id}.` })
  return { ...row, number: Number(row.number) }
}

async function entryAt(tx: Tx, { incident, sequence }: Transition): Promise<TimelineEntry | null> {
  const row = await tx
    .selectFrom('timeline')
    .select('entry')
    .where('incident', '=', incident)
    .where('sequence', '=', sequence)
    .executeTakeFirst()
  return row?.entry ?? null
}

function checkMove(from: IncidentState, next: IncidentState | null): void {
  if (next === null || incidentMoves[from].includes(next)) return
  throw new Failure({ code: 'bug', message: `An incident that is ${from} can't become ${next}.` })
}

/** What an incident's row derives from its story. */
type Derived = {
  readonly state: IncidentState
  readonly reason: HandOverReason | null
  readonly attempt: number
}

/**
 * Removes the entries from this sequence on, and answers where the incident stood before them. Nothing that the gateway
 * wrote is taken back, and what is closed stays so.
 */
async function takeBack(tx: Tx, incident: LockedIncident, { sequence, state }: Transition): Promise<Derived> {
  if (incident.state === 'closed' && state !== 'closed')
    throw new Failure({ code: 'bug', message: `What closed ${incident.id} can't be taken back.` })
  const removed = await tx
    .deleteFrom('timeline')
    .where('incident', '=', incident.id)
    .where('sequence', '>=', sequence)
    .returning('entry')
    .execute()
  if (removed.some(({ entry }) => entry.kind === 'alerted' || entry.kind === 'reopened'))
    throw new Failure({ code: 'bug', message: `That ${incident.id} was opened can't be taken back.` })
  const { rows } = await sql<Derived>`
    select (array_agg(state order by sequence desc) filter (where state is not null))[1] as state,
      (array_agg(entry->>'reason' order by sequence desc) filter (where entry->>'kind' in ('handed-over', 'reopened')))[1]
        as reason,
      coalesce((array_agg((entry->>'attempt')::integer order by sequence desc)
        filter (where entry->>'kind' = 'planned'))[1], 0) as attempt
    from timeline where incident = ${incident.id}`.execute(tx)
  return { state: rows[0]?.state ?? 'open', reason: rows[0]?.reason ?? null, attempt: rows[0]?.attempt ?? 0 }
}

async function insertEntry(tx: Tx, { incident, sequence, state, entry }: Transition, at: Date): Promise<void> {
  await tx
    .insertInto('timeline')
    .values({ incident, sequence, at, state, entry: jsonText(entry) })
    .execute()
}

async function moveIncident(
  tx: Tx,
  { incident, sequence, state, entry }: Transition,
  standing: Derived | null,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('incident')
    .set({
      sequence,
      updated_at: now,
      ...standing,
      ...(state === null ? {} : { state }),
      ...(entry.kind === 'handed-over' ? { reason: entry.reason } : {}),
      ...(entry.kind === 'planned' ? { attempt: entry.attempt } : {}),
      ...(entry.kind === 'closed' ? { closed_reason: entry.reason, closed_at: now } : {}),
    })
    .where('id', '=', incident)
    .execute()
}

function auditOf(incident: LockedIncident, { sequence, entry }: Transition, at: Date, replaces: boolean) {
  const { team, environment, id } = incident
  const digests = 'digest' in entry ? { plan: entry.digest } : {}
  const detail = { sequence, replaces, entry: toJson(entry) }
  return { at, team, environment, actor: actorOf(entry), act: `incident.${entry.kind}`, subject: id, digests, detail }
}

function actorOf(entry: TimelineEntry): string {
  const person = 'person' in entry ? entry.person : null
  return person === null ? 'agent:millwright' : `person:${person}`
}

function toJson(entry: TimelineEntry): Json {
  const json: Json = JSON.parse(JSON.stringify(entry))
  return json
}

/** Whether people have been told of this incident and are still waiting for it to be over. */
export async function peopleWereTold(tx: Tx, incident: IncidentId): Promise<boolean> {
  const rows = await sql<{ told: boolean }>`
    select coalesce((select body->>'kind' = 'needs-you' from outbox where incident = ${incident} and body->>'kind' <> 'notice'
        order by id desc limit 1), false)
      as told`.execute(tx)
  return rows.rows[0]?.told ?? false
}
