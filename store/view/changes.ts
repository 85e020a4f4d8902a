// What changed lately: timeline entries, lines of runs that are under way, and the kill switch.
import { sql } from 'kysely'
import type { Store } from '../connect.ts'
import { iso } from './incident-row.ts'

/** One thing that a page may have to show. `key` begins with its moment, so that a listener can go on from it. */
export type ChangeEvent = {
  readonly key: string
  readonly at: string
  readonly what: 'timeline' | 'run' | 'switch'
  /** Whose it is; null for what concerns everybody. Never sent. */
  readonly team: string | null
  /** The incident's number and id; null for what concerns everything. */
  readonly incident: number | null
  readonly id: string | null
  readonly sequence: number
  /** Kind of the timeline entry; empty for anything else. */
  readonly kind: string
}

const limit = 1_000

type Row = {
  readonly at: Date
  readonly what: ChangeEvent['what']
  readonly team: string | null
  readonly incident: number | null
  readonly id: string | null
  readonly sequence: number
  readonly kind: string
}

/**
 * Everything written at or after a moment, oldest first. Uses the index on state and time: each branch reads only what
 * moved.
 */
export async function changesSince(store: Store, since: Date): Promise<readonly ChangeEvent[]> {
  const { rows } = await sql<Row>`
    select t.at, 'timeline' as what, i.team, i.number::int as incident, i.id, t.sequence, t.entry ->> 'kind' as kind
    from incident i join timeline t on t.incident = i.id and t.at >= ${since}
    where i.state in ('open', 'investigating', 'awaiting-approval', 'remediating', 'verifying', 'handed-over', 'closed')
      and i.updated_at >= ${since}
    union all
    select e.at, 'run', i.team, i.number::int, i.id, e.sequence, ''
    from incident i
    join timeline t on t.incident = i.id and t.entry ->> 'kind' = 'run-requested'
    join run_event e on e.run = t.entry ->> 'run' and e.at >= ${since}
    where i.state in ('remediating', 'verifying')
    union all
    select at, 'switch', null, null, null, 0, '' from kill_switch where at >= ${since}
    order by at, sequence
    limit ${limit}`.execute(store)
  return rows.map((row) => {
    const at = iso(row.at)
    return { ...row, at, key: `${at}/${row.what}/${row.incident ?? 0}/${row.sequence}` }
  })
}
