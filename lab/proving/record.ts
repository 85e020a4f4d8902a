// Millwright's own record, read from outside: how an incident ended, and what still hangs.
import { sql } from 'kysely'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../../store/connect.ts'
import type { Crew } from './crew.ts'

export type Final = {
  readonly state: string
  readonly reason: string | null
  readonly runs: readonly { readonly id: string; readonly state: string }[]
  /** What still hangs; null: it is closed or with people, no run is open, no lease is taken. */
  readonly notOver: string | null
  readonly isOver: boolean
}

/** Null when there is no such incident. */
export async function readFinal(store: Store, incident: string): Promise<Final | null> {
  const row = await store
    .selectFrom('incident')
    .select(['state', 'reason', 'closed_reason', 'host'])
    .where(sql`id`, '=', incident)
    .executeTakeFirst()
  if (row === undefined) return null
  const runs = await store
    .selectFrom('run')
    .select(['id', 'state'])
    .where(sql`incident`, '=', incident)
    .execute()
  const lease = await store
    .selectFrom('host_lease')
    .select(['run', 'until'])
    .where('host', '=', row.host)
    .where('until', '>', sql<Date>`now()`)
    .executeTakeFirst()
  const open = runs.find(({ state }) => ['planned', 'leased', 'started'].includes(state))
  const notOver =
    row.state !== 'closed' && row.state !== 'handed-over'
      ? `the incident is ${row.state}`
      : open !== undefined
        ? `${open.id} is ${open.state}`
        : lease !== undefined && lease.run !== null
          ? `${lease.run} has the host`
          : null
  return { state: row.state, reason: row.closed_reason ?? row.reason, runs, notOver, isOver: notOver === null }
}

/**
 * Moves everything that counts attempts, changes, pauses and what models used a day into the past, so that what one try
 * used up is not missing to the next one. With a host: of that host only, while others are still being tried.
 */
export async function aDayPasses(store: Store, host: string | null = null): Promise<void> {
  const ago = (column: string) => sql`${sql.ref(column)} = ${sql.ref(column)} - interval '1 day'`
  const ofHost = host === null ? sql`true` : sql`host = ${host}`
  const ofIncidents = host === null ? sql`true` : sql`incident in (select id from incident where host = ${host})`
  const older = [
    ['plan', ofIncidents, ['created_at', 'expires_at']],
    ['run', ofIncidents, ['created_at', 'deadline', 'started_at', 'hard_deadline', 'ended_at']],
    ['host_lease', ofHost, ['until', 'last_change_at']],
    ['incident', ofHost, ['opened_at', 'updated_at', 'last_seen_at', 'closed_at']],
    ['model_call', ofIncidents, ['reserved_at', 'settled_at']],
  ] as const
  for (const [table, which, columns] of older) {
    await sql`update ${sql.table(table)} set ${sql.join(columns.map(ago))} where ${which}`.execute(store)
  }
  // Whoever mended the hosts says so.
  await sql`update host_lease set quarantined_at = null, quarantined_because = null where ${ofHost}`.execute(store)
}

/** Why people have it, in the words that they read; empty when they don't. */
export async function toldOf(store: Store, incident: string): Promise<string> {
  const rows = await store
    .selectFrom('timeline')
    .select('entry')
    .where(sql`incident`, '=', incident)
    .execute()
  return rows.flatMap(({ entry }) => (entry.kind === 'handed-over' ? [entry.says] : [])).join(' ')
}

const closeTries = 40
const closePauseMilliseconds = 250

/** A person closes whatever people have, of one host or of all. Throws when it can't be closed. */
export async function closeByPerson({ crew }: { readonly crew: Crew }, host: string | null = null): Promise<void> {
  const which = host === null ? sql<boolean>`true` : sql<boolean>`host = ${host}`
  const unclosed = crew.store.selectFrom('incident').select(['number']).where('state', '<>', 'closed').where(which)
  for (let tried = 0; tried < closeTries; tried += 1) {
    const open = await unclosed.execute()
    if (open.length === 0) return
    const client = crew.client()
    const close = (number: string) => client.post(`/incidents/${number}/close`, { says: 'the proof has looked at it' })
    const done = await Promise.allSettled(open.map(({ number }) => close(number)))
    if (done.some(({ status }) => status === 'rejected')) await sleep(closePauseMilliseconds)
  }
  throw new Error('a person could not close what people have')
}

/** The plan that waits for a person; null while none does. */
export async function askedIn(
  store: Store,
  incident: string,
): Promise<{ readonly digest: string; readonly expiresAt: string } | null> {
  const rows = await store
    .selectFrom('timeline')
    .select('entry')
    .where(sql`incident`, '=', incident)
    .execute()
  return rows.map(({ entry }) => entry).findLast((entry) => entry.kind === 'asked') ?? null
}

/** Lines that strangers wrote, as they were recorded: annotations of its alerts, and what hosts and stores said. */
export async function strangersLines(store: Store, incident: string): Promise<readonly string[]> {
  const { rows } = await sql<{ text: string }>`
    select e.outcome ->> 'excerpt' as text from incident_evidence i join evidence e on e.id = i.evidence
      where i.incident = ${incident} and e.outcome ->> 'excerpt' is not null
    union all
    select a.value as text from alert, jsonb_each_text(annotations) a where alert.incident = ${incident}`.execute(store)
  return rows.flatMap(({ text }) => text.split('\n'))
}
