// What the inbox reads, and locks, before it places payloads: one statement, however many there are.
import { sql, type RawBuilder, type Transaction } from 'kysely'
import { reopenMinutes, stormIncidents, stormSeconds } from '../domain/incident.ts'
import { groupIdOf, identitiesOf, type Ground, type Incoming, type Known } from './inbox-place.ts'
import type { Database } from './schema.ts'

type Tx = Transaction<Database>

/** The same bytes within this time are the same delivery: a sender that lost our answer. */
const replayMinutes = 10

/** One at a time per group, whoever records: what `readBefore` reads stays true until the commit. */
export async function lockGroups(tx: Tx, batch: readonly Incoming[]): Promise<void> {
  await sql`select pg_advisory_xact_lock(key) from (
    select distinct hashtextextended(g, 7) as key from unnest(${groupIdsOf(batch)}::text[]) g order by 1) ordered`.execute(
    tx,
  )
}

function groupIdsOf(batch: readonly Incoming[]): readonly string[] {
  return [...new Set(batch.map(groupIdOf))]
}

/** What the places of payloads depend on. */
export type Before = {
  readonly ground: Ground
  /** Deliveries of the same bytes not long ago: delivery ids by `source digest`. */
  readonly seen: Map<string, string>
}

/**
 * Reads and locks the incidents that these payloads may belong to. Looked up one by one, each by an index: for a table
 * of unknown size a list is planned as a scan of all of it, and what is recorded grows without end.
 */
export async function readBefore(tx: Tx, batch: readonly Incoming[], now: Date): Promise<Before> {
  const identities = [...new Set(batch.flatMap(identitiesOf))].toSorted()
  // An open one has no time of closing and comes before all that were closed, then the one closed last.
  const known = sql`
    select known.* from unnest(${identities}::text[]) wanted (identity) cross join lateral (
      select id, identity, state = 'closed' as closed from incident
      where incident.identity = wanted.identity
        and (state <> 'closed' or closed_at > ${now}::timestamptz - make_interval(mins => ${reopenMinutes}))
      order by closed_at desc limit 1 for update) known`
  const counted = sql`
    select wanted.group_id, counted.opened from unnest(${groupIdsOf(batch)}::text[]) wanted (group_id) cross join lateral (
      select count(*)::integer as opened from (
        select from incident
        where incident.group_id = wanted.group_id
          and opened_at > ${now}::timestamptz - make_interval(secs => ${stormSeconds})
        order by opened_at desc limit ${stormIncidents + 1}) lately) counted`
  const replayed = sql`
    select before.* from unnest(${batch.map((one) => one.source)}::text[], ${batch.map((one) => one.bodyDigest)}::text[])
      wanted (source, body_digest) cross join lateral (
      select id, source, body_digest from delivery
      where delivery.source = wanted.source and delivery.body_digest = wanted.body_digest
        and received_at > ${now}::timestamptz - make_interval(mins => ${replayMinutes})
        and result in ('opened', 'merged', 'reopened')
      order by source, body_digest, received_at desc limit 1) before`
  const { rows } = await sql<{
    known: readonly Known[]
    counted: readonly { readonly group_id: string; readonly opened: number }[]
    replayed: readonly { readonly id: string; readonly source: string; readonly body_digest: string }[]
  }>`select ${listOf(known)} as known, ${listOf(counted)} as counted, ${listOf(replayed)} as replayed`.execute(tx)
  const [found = { known: [], counted: [], replayed: [] }] = rows
  const ground = {
    known: new Map(found.known.map((row) => [row.identity, row])),
    opened: new Map(found.counted.map((row) => [row.group_id, row.opened])),
  }
  return { ground, seen: new Map(found.replayed.map((row) => [`${row.source} ${row.body_digest}`, row.id])) }
}

/** Rows as one value: a statement more is a round trip more, for which every payload of the batch waits. */
export function listOf(rows: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select coalesce(json_agg(each), '[]') from (${rows}) each)`
}
