// Memory: what became of incidents like this one. Only what was verified by measuring, and what people wrote: never
// what a model said.
import { sql } from 'kysely'
import type { IncidentId } from '../domain/ids.ts'
import type { ClosedReason } from '../domain/incident.ts'
import type { TimelineEntry } from '../domain/timeline.ts'
import type { Store } from './connect.ts'

const maximumSimilar = 5

/** An incident that is over. All its words are data: people's, or made by code from what was measured. */
export type Similar = {
  readonly number: number
  readonly title: string
  readonly host: string
  /** ISO 8601. */
  readonly closedAt: string
  readonly closed: ClosedReason
  /** What repaired it, by measuring; null: that was not proven. */
  readonly verified: { readonly playbook: string; readonly wants: string } | null
  /** What people said at closing, or when they refused a plan. */
  readonly people: readonly { readonly person: string; readonly on: string; readonly says: string }[]
}

type Like = {
  readonly incident: IncidentId
  /** Hosts whose incidents count: this one, and others of its role. */
  readonly hosts: readonly string[]
}

type Row = {
  readonly number: string
  readonly title: string
  readonly host: string
  readonly closed_at: Date
  readonly closed_reason: ClosedReason
  readonly entries: readonly TimelineEntry[]
}

/**
 * Closed incidents of the same team with an alert of the same name, on these hosts or about the same thing; the same
 * host and thing first, then the newest. Those that ended by themselves, and of which nobody said anything, teach
 * nothing.
 */
export async function readSimilar(store: Store, { incident, hosts }: Like): Promise<readonly Similar[]> {
  const { rows } = await sql<Row>`
    with mine as (select name, subjects from alert where incident = ${incident}),
    this as (select id, team, host from incident where id = ${incident})
    select i.number, i.title, coalesce(i.host, '') as host, i.closed_at, i.closed_reason,
      (select coalesce(jsonb_agg(t.entry order by t.sequence), '[]') from timeline t where t.incident = i.id
        and t.entry->>'kind' in ('planned', 'verified', 'decided', 'closed')) as entries
    from incident i, this
    where i.team = this.team and i.id <> this.id and not i.dry_run and i.state = 'closed' and i.closed_at is not null
      and exists (select 1 from alert a join mine on a.name = mine.name where a.incident = i.id
        and (i.host = any(${hosts}) or a.subjects = mine.subjects))
      and (i.closed_reason = 'closed-by-person' or exists (select 1 from timeline t where t.incident = i.id
        and (t.entry->>'kind' = 'verified'
          or t.entry->>'kind' = 'decided' and t.entry->>'verdict' = 'reject')))
    order by (i.host = this.host and exists (select 1 from alert a join mine on a.subjects = mine.subjects
      where a.incident = i.id)) desc, i.closed_at desc
    limit ${maximumSimilar}`.execute(store)
  return rows.map(similarOf)
}

function similarOf({ entries, closed_at, closed_reason, number, title, host }: Row): Similar {
  const proven = entries.findLastIndex(({ kind }) => kind === 'verified')
  const plan = entries.slice(0, proven + 1).findLast((entry) => entry.kind === 'planned')
  return {
    number: Number(number),
    title,
    host,
    closedAt: closed_at.toISOString(),
    closed: closed_reason,
    verified: plan === undefined ? null : { playbook: plan.playbook, wants: plan.wants },
    people: entries.flatMap(wordsOf),
  }
}

function wordsOf(entry: TimelineEntry): Similar['people'] {
  if (entry.kind === 'decided' && entry.verdict === 'reject' && entry.reason !== '') {
    return [{ person: entry.person, on: 'refusing a plan', says: entry.reason }]
  }
  if (entry.kind === 'closed' && entry.person !== null && entry.says !== '') {
    return [{ person: entry.person, on: 'closing', says: entry.says }]
  }
  return []
}
