// An incident's row as people see it, with the moments that its sentence needs.
import { type Selectable, sql } from 'kysely'
import { Failure } from '../../domain/failure.ts'
import { heading, lastOf, type Moment, summary } from '../../domain/telling/summary.ts'
import type { TimelineEntry } from '../../domain/timeline.ts'
import type { IncidentRow } from '../../domain/telling/view.ts'
import { between } from '../../domain/text.ts'
import { stateBadge } from '../../domain/telling/words.ts'
import type { Store } from '../connect.ts'
import type { Database } from '../schema.ts'

export type StoredIncident = Selectable<Database['incident']>

/** More entries than this are never read for one page; the newest count. */
export const maximumEntries = 400

export function iso(time: Date): string {
  return time.toISOString()
}

export function isoOrNull(time: Date | null): string | null {
  return time === null ? null : time.toISOString()
}

/** Whose things are read: a team, or null for every team's. What belongs to another is as if it were not there. */
export type Readable = { readonly team: string | null }

/** Finds by number, `INC-12`, or id. Throws `input.not-found`, also for another team's. */
export async function findIncident(store: Store, reference: string, { team }: Readable): Promise<StoredIncident> {
  const number = /^(?:INC-)?(\d{1,15})$/i.exec(reference)?.[1]
  const query = store
    .selectFrom('incident')
    .selectAll()
    .$if(team !== null, (all) => all.where('team', '=', team ?? ''))
  const found = await (number === undefined ? query.where('id', '=', reference) : query.where('number', '=', number))
    .limit(1)
    .executeTakeFirst()
  if (found !== undefined) return found
  throw new Failure({
    code: 'input.not-found',
    message: `There is no incident ${reference.slice(0, 60)}.`,
    hint: 'List them with: npx millwright incident list',
  })
}

/** The whole timeline, oldest first. */
export async function momentsOf(store: Store, incident: string): Promise<readonly Moment[]> {
  const rows = await store
    .selectFrom('timeline')
    .select(['sequence', 'at', 'entry'])
    .where('incident', '=', incident)
    .orderBy('sequence', 'desc')
    .limit(maximumEntries)
    .execute()
  return rows.map(({ sequence, at, entry }) => ({ sequence, at: iso(at), entry })).toReversed()
}

/** The timelines of many incidents without their long lists: enough for headings and sentences. */
export async function shortMoments(
  store: Store,
  incidents: readonly string[],
): Promise<ReadonlyMap<string, readonly Moment[]>> {
  if (incidents.length === 0) return new Map()
  const rows = await store
    .selectFrom('timeline')
    .select(['incident', 'sequence', 'at'])
    .select(sql<TimelineEntry>`entry || '{"not": [], "checks": [], "preview": [], "matches": []}'::jsonb`.as('entry'))
    .where('incident', 'in', incidents)
    .orderBy('incident')
    .orderBy('sequence')
    .execute()
  const grouped = Map.groupBy(rows, (row) => row.incident)
  return new Map([...grouped].map(([id, all]) => [id, all.map((row) => ({ ...row, at: iso(row.at) }))]))
}

/** The row, its heading and its sentence. */
export function toRow(stored: StoredIncident, moments: readonly Moment[], now: Date): IncidentRow {
  const subject = {
    title: stored.title,
    host: stored.host,
    state: stored.state,
    reason: stored.reason,
    closedReason: stored.closed_reason,
    dryRun: stored.dry_run,
  }
  const asked = stored.state === 'awaiting-approval' ? lastOf(moments, 'asked') : null
  const start = iso(stored.opened_at)
  return {
    id: stored.id,
    number: Number(stored.number),
    title: heading(subject, moments),
    reported: stored.title,
    host: lastOf(moments, 'scoped')?.entry.host ?? stored.host,
    environment: stored.environment,
    severity: stored.severity,
    state: stored.state,
    reason: stored.reason,
    closedReason: stored.closed_reason,
    dryRun: stored.dry_run,
    badge: stateBadge(subject),
    says: summary(subject, moments, iso(now)),
    openedAt: start,
    updatedAt: iso(stored.updated_at),
    closedAt: isoOrNull(stored.closed_at),
    lasted: between(start, iso(stored.closed_at ?? now)),
    expiresAt: asked?.entry.expiresAt ?? null,
  }
}
