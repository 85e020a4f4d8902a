// What the inbox writes: each table once per transaction, however many payloads it carries.
import { sql, type RawBuilder, type Transaction } from 'kysely'
import { alertName } from '../domain/alert.ts'
import type { IncidentState } from '../domain/incident.ts'
import type { TimelineEntry } from '../domain/timeline.ts'
import { newId } from '../runtime/ids.ts'
import { bodyKept } from './deliveries.ts'
import { groupIdOf, severityOf, titleOf, type Incoming, type Placement } from './inbox-place.ts'
import { listOf } from './inbox-read.ts'
import { oddTimesSays } from './odd-times.ts'
import type { Database } from './schema.ts'
import { storableLabels, storableText } from './text.ts'

type Tx = Transaction<Database>

/** A payload with its place in the store. */
export type Filed = {
  readonly incoming: Incoming
  readonly delivery: string
  /** The same bytes came before and changed nothing: no row of its own. */
  readonly replay: boolean
  readonly placements: readonly Placement[]
}

/** What a batch brought that was not there before. */
export type News = {
  /** The numbers that people see, by the ids of incidents that were opened. */
  readonly numbers: ReadonlyMap<string, number>
  /** The incidents for which an alert is new. */
  readonly changed: ReadonlySet<string>
}

/** Writes deliveries, the incidents that they open, and every alert once per episode. */
export async function insertNews(tx: Tx, filed: readonly Filed[]): Promise<News> {
  const { rows } = await sql<{
    opened: readonly { readonly id: string; readonly number: number }[]
    fresh: readonly { readonly incident: string }[]
  }>`with deliveries as (${deliveriesOf(filed)}), opened as (${incidentsOf(filed)}), written as (${alertsOf(filed)})
    select ${listOf(sql`select id, number from opened`)} as opened,
      ${listOf(sql`select distinct incident from written where fresh`)} as fresh`.execute(tx)
  const [{ opened, fresh } = { opened: [], fresh: [] }] = rows
  return {
    numbers: new Map(opened.map(({ id, number }) => [id, number])),
    changed: new Set(fresh.map(({ incident }) => incident)),
  }
}

function deliveriesOf(filed: readonly Filed[]): RawBuilder<unknown> {
  const rows = filed
    .filter(({ replay }) => !replay)
    .map(({ incoming, delivery, placements }) => ({
      id: delivery,
      source: incoming.source,
      team: incoming.team,
      environment: incoming.environment,
      received_at: incoming.receivedAt,
      body_digest: incoming.bodyDigest,
      ...resultOf(incoming, placements),
      body: storableText(incoming.body).slice(0, bodyKept),
      truncated_alerts: incoming.truncated,
    }))
  return sql`insert into delivery (id, source, team, environment, received_at, body_digest, result, says, body, truncated_alerts)
    select id, source, team, environment, received_at, body_digest, result, says, body, truncated_alerts
    from json_populate_recordset(null::delivery, ${JSON.stringify(rows)}::json)`
}

/** A dry run is a test: what a source sends is never taken for a repeat of it. */
function resultOf(incoming: Incoming, placements: readonly Placement[]): object {
  const { dryRun } = incoming
  if (dryRun !== undefined) return { result: 'test', says: `A dry run of ${dryRun.person}.` }
  const { result, says } = summaryOf(placements)
  return { result, says: `${says}${oddTimesSays(incoming)}` }
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

function incidentsOf(filed: readonly Filed[]): RawBuilder<unknown> {
  const rows = filed.flatMap(({ incoming, placements }) =>
    placements
      .filter(({ kind }) => kind === 'opened')
      .map((placement) => ({
        id: placement.incident,
        team: incoming.team,
        environment: placement.host?.environment ?? incoming.environment,
        source: incoming.source,
        group_key: storableText(incoming.groupKeyKept),
        group_id: groupIdOf(incoming),
        identity: placement.identity,
        host: placement.host?.id ?? null,
        storm: placement.storm,
        dry_run: incoming.dryRun !== undefined,
        title: storableText(titleOf(placement)),
        severity: nullable(severityOf(placement)),
        at: incoming.receivedAt,
        traceparent: incoming.traceparent,
      })),
  )
  return sql`insert into incident (id, team, environment, source, group_key, group_id, identity, host, storm, dry_run, title,
      severity, state, source_status, opened_at, updated_at, last_seen_at, traceparent)
    select id, team, environment, source, group_key, group_id, identity, host, storm, dry_run, title,
      severity, 'open', 'firing', at, at, at, traceparent
    from json_to_recordset(${JSON.stringify(rows)}::json) as row (id text, team text, environment text, source text,
      group_key text, group_id text, identity text, host text, storm boolean, dry_run boolean, title text, severity text, at timestamptz,
      traceparent text)
    returning id, number`
}

function alertsOf(filed: readonly Filed[]): RawBuilder<unknown> {
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
  return sql`insert into alert
    select * from json_populate_recordset(null::alert, ${JSON.stringify([...rows.values()])}::json)
    on conflict (incident, fingerprint, starts_at, status)
      do update set received_at = excluded.received_at, delivery = excluded.delivery, ends_at = excluded.ends_at
    returning incident, xmax = 0 as fresh`
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

/** The lines of the story that begin or begin again here. */
export function timelineOf(filed: readonly Filed[], touched: readonly Touched[]): RawBuilder<unknown> {
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
  return sql`insert into timeline (incident, sequence, at, state, entry)
    select incident, sequence, at, state, entry
    from json_populate_recordset(null::timeline, ${JSON.stringify(rows)}::json)`
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
