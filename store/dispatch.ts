// What the gateway still has to tell Temporal: rows written with the incident, claimed by whichever gateway is free.
import { sql, type RawBuilder, type Transaction } from 'kysely'
import type { Store } from './connect.ts'
import type { Left } from './lost.ts'
import type { Database } from './schema.ts'

/** Notified at the commit of every new row, so that a dispatcher need not wait for its next look. */
export const dispatchChannel = 'millwright_dispatch'

export type NewDispatch = { readonly incident: string; readonly kind: 'start' | 'changed' }

export type Dispatch = NewDispatch & {
  readonly id: string
  /** All rows that are told when this one is: those of the same incident that could be seen when it was claimed. */
  readonly told: readonly string[]
  readonly tries: number
  readonly createdAt: Date
  /** The incident is closed by now: nobody is left to tell. */
  readonly closed: boolean
  /** Of its incident. */
  readonly dryRun: boolean
  /** Its story has gone on since it was opened; null when it is still to begin. */
  readonly left: Left | null
}

/** Rows that one claim takes, and how long they are the claimer's before another may take them. */
const claimed = 50
const claimSeconds = 15

/** What can't be delivered is tried again for ever, at most this far apart. */
const longestWaitSeconds = 30

export async function insertDispatches(
  tx: Transaction<Database>,
  rows: readonly NewDispatch[],
  now: Date,
): Promise<void> {
  if (rows.length > 0) await sql`with ${dispatched(rows, now)}`.execute(tx)
}

/** The same as the last parts of a larger `with`. The notification goes out at the commit. */
export function dispatched(rows: readonly NewDispatch[], now: Date): RawBuilder<unknown> {
  return sql`dispatched as (
      insert into dispatch (incident, kind, created_at, next_at)
      select incident, kind, ${now}::timestamptz, ${now}::timestamptz
      from json_populate_recordset(null::dispatch, ${JSON.stringify(rows)}::json) returning id)
    select pg_notify(${dispatchChannel}, '') where exists (select from dispatched)`
}

/** Hosts of incidents whose workflow is still to be told, the newest first, at most so many. */
export async function hostsToBeTold(store: Store, most: number): Promise<readonly string[]> {
  const { rows } = await sql<{ host: string }>`
    select i.host from dispatch d join incident i on i.id = d.incident
    where d.done_at is null and d.kind = 'start' and i.host is not null order by d.id desc limit ${most}`.execute(store)
  return [...new Set(rows.map(({ host }) => host))]
}

/**
 * Takes what is due, at most one row per incident and the oldest first. A claimer that dies loses its rows to the next
 * after 15 s.
 */
export async function claimDispatches(store: Store): Promise<readonly Dispatch[]> {
  const result = await sql<Dispatch>`
    with due as (
      select id from dispatch d where done_at is null and next_at <= now()
        and not exists (select 1 from dispatch older where older.incident = d.incident and older.done_at is null and older.id < d.id)
      order by id limit ${claimed} for update skip locked)
    update dispatch d set tries = d.tries + 1, next_at = now() + make_interval(secs => ${claimSeconds})
    from due, incident i where d.id = due.id and i.id = d.incident
    returning d.id, d.incident, d.kind, d.tries, d.created_at as "createdAt", i.state = 'closed' as closed,
      i.dry_run as "dryRun",
      (select json_build_object('sequence', max(t.sequence),
          'round', coalesce((select max(round) from incident_evidence e where e.incident = i.id), 0))
        from timeline t where d.kind = 'start' and t.incident = i.id having max(t.sequence) >
          max(t.sequence) filter (where t.entry->>'kind' in ('alerted', 'reopened'))) as left,
      array(select same.id::text from dispatch same where same.incident = d.incident and same.done_at is null
        and (same.id = d.id or same.kind = 'changed')) as told`.execute(store)
  return result.rows
}

/** Told, and with it what could be seen beside it. */
export async function finishDispatch(store: Store, { told }: Dispatch): Promise<void> {
  await sql`update dispatch set done_at = now(), error = null
    where done_at is null and id = any(${told}::bigint[])`.execute(store)
}

/** Not told: again later, each time after a longer wait. */
export async function delayDispatch(store: Store, { id, tries }: Dispatch, error: string): Promise<void> {
  const seconds = Math.min(longestWaitSeconds, 0.05 * 2 ** Math.min(tries, 12))
  await sql`update dispatch set error = ${error.slice(0, 500)}, next_at = now() + make_interval(secs => ${seconds})
    where id = ${id} and done_at is null`.execute(store)
}
