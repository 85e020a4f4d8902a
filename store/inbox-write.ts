// The inbox's SQL: each table once per transaction, however many payloads it carries.
import { sql, type Transaction } from 'kysely'
import { alertName } from '../domain/alert.ts'
import { reopenMinutes, stormIncidents, stormSeconds, type IncidentState } from '../domain/incident.ts'
import type { TimelineEntry } from '../domain/timeline.ts'
import { newId } from '../runtime/ids.ts'
import { bodyKept } from './deliveries.ts'
import {
  groupIdOf,
  severityOf,
  titleOf,
  type Ground,
  type Incoming,
  type Known,
  type Placement,
} from './inbox-place.ts'
import { oddTimesSays } from './odd-times.ts'
import type { Database } from './schema.ts'
import { storableLabels, storableText } from './text.ts'

type Tx = Transaction<Database>

/** The same bytes within this time are the same delivery: a sender that lost our answer. */
const replayMinutes = 10

/** A payload with its place in the store. */
export type Filed = {
  readonly incoming: Incoming
  readonly delivery: string
  /** The same bytes came before and changed nothing: no row of its own. */
  readonly replay: boolean
  readonly placements: readonly Placement[]
}

/** One at a time per group, whoever records: what `readGround` reads stays true until the commit. */
export async function lockGroups(tx: Tx, groupIds: readonly string[]): Promise<void> {
  await sql`select pg_advisory_xact_lock(key) from (
    select distinct hashtextextended(g, 7) as key from unnest(${groupIds}::text[]) g order by 1) ordered`.execute(tx)
}

/**
 * Reads and locks the incidents that these payloads may belong to. Looked up one by one, here and below, each by an
 * index: for a table of unknown size a list is planned as a scan of all of it, and what is recorded grows without end.
 */
export async function readGround(
  tx: Tx,
  identities: readonly string[],
  groupIds: readonly string[],
  now: Date,
): Promise<Ground> {
  // An open one has no time of closing and comes before all that were closed, then the one closed last.
  const rows = await sql<Known>`
    select known.* from unnest(${identities.toSorted()}::text[]) wanted (identity) cross join lateral (
      select id, identity, state = 'closed' as closed from incident
      where incident.identity = wanted.identity
        and (state <> 'closed' or closed_at > ${now}::timestamptz - make_interval(mins => ${reopenMinutes}))
      order by closed_at desc limit 1 for update) known`.execute(tx)
  const counts = await sql<{ group_id: string; opened: number }>`
    select wanted.group_id, counted.opened from unnest(${groupIds}::text[]) wanted (group_id) cross join lateral (
      select count(*)::integer as opened from (
        select from incident
        where incident.group_id = wanted.group_id
          and opened_at > ${now}::timestamptz - make_interval(secs => ${stormSeconds})
        order by opened_at desc limit ${stormIncidents + 1}) lately) counted`.execute(tx)
  return {
    known: new Map(rows.rows.map((row) => [row.identity, row] as const)),
    opened: new Map(counts.rows.map((row) => [row.group_id, row.opened] as const)),
  }
}

/** Deliveries of the same bytes not long ago: delivery ids by `source digest`. */
export async function readReplays(tx: Tx, incoming: readonly Incoming[], now: Date): Promise<Map<string, string>> {
  const sources = incoming.map((one) => one.source)
  const digests = incoming.map((one) => one.bodyDigest)
  const rows = await sql<{ id: string; source: string; body_digest: string }>`
    select before.* from unnest(${sources}::text[], ${digests}::text[]) wanted (source, body_digest) cross join lateral (
      select id, source, body_digest from delivery
      where delivery.source = wanted.source and delivery.body_digest = wanted.body_digest
        and received_at > ${now}::timestamptz - make_interval(mins => ${replayMinutes})
        and result in ('opened', 'merged', 'reopened')
      order by source, body_digest, received_at desc limit 1) before`.execute(tx)
  return new Map(rows.rows.map((row) => [`${row.source} ${row.body_digest}`, row.id]))
}

export async function insertDeliveries(tx: Tx, filed: readonly Filed[]): Promise<void> {
  const rows = filed
    .filter(({ replay }) => !replay)
    .map(({ incoming, delivery, placements }) => ({
      id: delivery,
      source: incoming.source,
      team: incoming.team,
      environment: incoming.environment,
      received_at: incoming.receivedAt,
      body_digest: incoming.bodyDigest,
      result: summaryOf(placements).result,
      says: `${summaryOf(placements).says}${oddTimesSays(incoming)}`,
      body: storableText(incoming.body).slice(0, bodyKept),
      truncated_alerts: incoming.truncated,
    }))
  if (rows.length === 0) return
  await sql`insert into delivery (id, source, team, environment, received_at, body_digest, result, says, body, truncated_alerts)
    select id, source, team, environment, received_at, body_digest, result, says, body, truncated_alerts
    from json_populate_recordset(null::delivery, ${JSON.stringify(rows)}::json)`.execute(tx)
}

/** The delivery's result in one word, and in one sentence for people. */
export function summaryOf(placements: readonly Placement[]): {
  readonly result: 'opened' | 'reopened' | 'merged' | 'ignored'
  readonly says: string
} {
  const counts = (['opened', 'reopened', 'merged'] as const).map(
    (kind) => [kind, placements.filter((placement) => placement.kind === kind).length] as const,
  )
  const some = counts.filter(([, count]) => count > 0)
  const [main] = some
  if (main === undefined) return { result: 'ignored', says: 'It says that something is over that is not open here.' }
  return { result: main[0], says: `${some.map(([kind, count]) => `${count} ${kind}`).join(', ')}.` }
}

/** Answers the numbers that people see, by id. */
export async function insertIncidents(tx: Tx, filed: readonly Filed[]): Promise<ReadonlyMap<string, number>> {
  const rows = filed.flatMap(({ incoming, placements }) =>
    placements
      .filter(({ kind }) => kind === 'opened')
      .map((placement) => ({
        id: placement.incident,
        team: incoming.team,
        environment: placement.host?.environment ?? incoming.environment,
        source: incoming.source,
        group_key: storableText(incoming.groupKey),
        group_id: groupIdOf(incoming),
        identity: placement.identity,
        host: placement.host?.id ?? null,
        storm: placement.storm,
        title: storableText(titleOf(placement)),
        severity: nullable(severityOf(placement)),
        at: incoming.receivedAt,
        traceparent: incoming.traceparent,
      })),
  )
  if (rows.length === 0) return new Map()
  const result = await sql<{ id: string; number: string }>`
    insert into incident (id, team, environment, source, group_key, group_id, identity, host, storm, title,
      severity, state, source_status, opened_at, updated_at, last_seen_at, traceparent)
    select id, team, environment, source, group_key, group_id, identity, host, storm, title,
      severity, 'open', 'firing', at, at, at, traceparent
    from json_to_recordset(${JSON.stringify(rows)}::json) as row (id text, team text, environment text, source text,
      group_key text, group_id text, identity text, host text, storm boolean, title text, severity text, at timestamptz,
      traceparent text)
    returning id, number`.execute(tx)
  return new Map(result.rows.map((row) => [row.id, Number(row.number)]))
}

/** Writes every alert once per episode. Answers the incidents for which anything is new. */
export async function upsertAlerts(tx: Tx, filed: readonly Filed[]): Promise<ReadonlySet<string>> {
  const rows = new Map<string, object>()
  for (const { incoming, delivery, placements } of filed) {
    for (const { incident, alerts } of placements) {
      for (const { alert, subjects } of alerts) {
        // The last one said wins; one statement may touch a row only once.
        const fingerprint = storableText(alert.fingerprint)
        // To the millisecond: what differs by less is one row for the database, too.
        const startsAt = new Date(alert.startsAt).toISOString()
        rows.set([incident, fingerprint, startsAt, alert.status].join(' '), {
          id: newId('alr'),
          delivery,
          incident,
          fingerprint,
          status: alert.status,
          name: storableText(alertName(alert)),
          labels: storableLabels(alert.labels),
          annotations: storableLabels(alert.annotations),
          subjects,
          starts_at: startsAt,
          ends_at: alert.endsAt,
          link: nullable(alert.link),
          received_at: incoming.receivedAt,
        })
      }
    }
  }
  if (rows.size === 0) return new Set()
  const result = await sql<{ incident: string }>`
    with written as (
      insert into alert select * from json_populate_recordset(null::alert, ${JSON.stringify([...rows.values()])}::json)
      on conflict (incident, fingerprint, starts_at, status)
        do update set received_at = excluded.received_at, delivery = excluded.delivery, ends_at = excluded.ends_at
      returning incident, xmax = 0 as fresh)
    select distinct incident from written where fresh`.execute(tx)
  return new Set(result.rows.map((row) => row.incident))
}

/** An incident that was there before, as this transaction leaves it. */
export type Touched = {
  readonly id: string
  readonly sequence: number
  readonly state: IncidentState
  /** Its source says something else than before. */
  readonly turned: boolean
}

/**
 * Moves `last_seen_at`, opens again, and says what the source says now. The alerts stand there already. One that claims
 * to begin in the future began when it arrived: it must not outlive every later episode.
 */
export async function touchIncidents(tx: Tx, filed: readonly Filed[]): Promise<readonly Touched[]> {
  const seen = new Map<string, Date>()
  const reopened = new Set<string>()
  for (const { incoming, placements } of filed) {
    for (const { kind, incident } of placements) {
      if (kind !== 'opened') seen.set(incident, incoming.receivedAt)
      if (kind === 'reopened') reopened.add(incident)
    }
  }
  const ids = [...seen.keys()]
  if (ids.length === 0) return []
  // Looked up one by one through its key: a join would be planned for a table of unknown size.
  const result = await sql<Touched>`
    update incident i set
      last_seen_at = greatest(i.last_seen_at, now.at),
      source_status = now.status,
      updated_at = case when now.reopened then now.at else i.updated_at end,
      state = case when now.reopened then 'open' else i.state end,
      reason = case when now.reopened then null else i.reason end,
      closed_reason = case when now.reopened then null else i.closed_reason end,
      closed_at = case when now.reopened then null else i.closed_at end,
      sequence = i.sequence + now.reopened::integer
    from incident before cross join lateral (
      select (${[...seen.values()]}::timestamptz[])[array_position(${ids}::text[], before.id)] as at,
        before.id = any(${[...reopened]}::text[]) as reopened,
        case when exists (
          select from (
            select distinct on (fingerprint) status from alert where incident = before.id
            order by fingerprint, least(starts_at, received_at) desc, received_at desc, status) latest
          where status = 'firing') then 'firing' else 'resolved' end as status) now
    where before.id = any(${ids}::text[]) and i.id = before.id
    returning i.id, i.sequence, i.state, i.source_status <> before.source_status as turned`.execute(tx)
  return result.rows
}

export async function insertTimeline(tx: Tx, filed: readonly Filed[], touched: readonly Touched[]): Promise<void> {
  const sequences = new Map(touched.map((one) => [one.id, one.sequence]))
  const rows = filed.flatMap(({ incoming, placements }) =>
    placements
      .filter(({ kind }) => kind !== 'merged')
      .map((placement) => ({
        incident: placement.incident,
        sequence: placement.kind === 'opened' ? 0 : (sequences.get(placement.incident) ?? 0),
        at: incoming.receivedAt,
        state: 'open',
        entry:
          placement.kind === 'opened' ? alerted(incoming, placement) : ({ kind: 'reopened' } satisfies TimelineEntry),
      })),
  )
  if (rows.length === 0) return
  await sql`insert into timeline (incident, sequence, at, state, entry)
    select incident, sequence, at, state, entry
    from json_populate_recordset(null::timeline, ${JSON.stringify(rows)}::json)`.execute(tx)
}

function alerted(incoming: Incoming, placement: Placement): TimelineEntry {
  const names = new Set(placement.alerts.map(({ alert }) => storableText(alertName(alert))))
  return {
    kind: 'alerted',
    source: incoming.source,
    alerts: [...names].slice(0, 20),
    severity: nullable(severityOf(placement)),
  }
}

function nullable(text: string | null): string | null {
  return text === null ? null : storableText(text)
}
