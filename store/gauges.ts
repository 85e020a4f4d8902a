// How things stand now: what the metrics page shows beside what is counted.
import { sql } from 'kysely'
import type { IncidentState } from '../domain/incident.ts'
import type { Store } from './connect.ts'

/** What is to be told and is not yet. `oldestSeconds` is 0 when nothing waits. */
export type Backlog = { readonly waiting: number; readonly oldestSeconds: number }

export type Gauges = {
  readonly dispatch: Backlog
  readonly outbox: Backlog
  readonly stopped: boolean
  /** Incidents that are not closed; a state that none is in is missing. */
  readonly open: readonly { readonly state: IncidentState; readonly incidents: number }[]
}

const backlog = sql<Backlog>`json_build_object('waiting', count(*), 'oldestSeconds',
  greatest(0, coalesce(extract(epoch from now() - min(created_at)), 0)))`

/** One statement, so that all of it is of one moment. */
export async function readGauges(store: Store): Promise<Gauges> {
  const { rows } = await sql<Gauges>`select
    (select ${backlog} from dispatch where done_at is null) as dispatch,
    (select ${backlog} from outbox
      where sent_at is null and given_up_at is null and not (tries = 0 and next_at > now())) as outbox,
    coalesce((select stopped from kill_switch), false) as stopped,
    (select coalesce(json_agg(s), '[]') from (
      select state, count(*) as incidents from incident where state <> 'closed' and not dry_run group by state) s) as open`.execute(
    store,
  )
  const [row] = rows
  if (row === undefined) throw new Error('A select without a table answered no row.')
  return row
}
