// What is kept for how long: one batch of old rows at a time. Nothing of an incident that is open is ever removed.
import { sql, type Transaction } from 'kysely'
import type { RetentionConfig } from '../runtime/config.ts'
import { insertAudit } from './audit.ts'
import type { Store } from './connect.ts'
import type { Database } from './schema.ts'
import { sumUp } from './tally.ts'

type Tx = Transaction<Database>

/** Rows that one transaction removes at most; an incident brings all of its own. */
const batch = { rows: 500, incidents: 20, events: 5_000 } as const
/** Transactions of one sweep; what is left waits for the next. */
const batchesPerSweep = 1_000
/** What has been told to the workflow, and what lets nobody in any more, is of use for so long. */
const spentDays = 7
/** Any number: whoever holds it sweeps. */
const sweepLock = 7_204_113

export type Swept = Readonly<Record<string, number>>

type Step = { readonly name: string; readonly remove: (tx: Tx, retention: RetentionConfig) => Promise<number> }

const steps: readonly Step[] = [
  { name: 'deliveries', remove: (tx, { deliveriesDays }) => dropDeliveries(tx, deliveriesDays) },
  { name: 'letters', remove: (tx, { deliveriesDays }) => dropLetters(tx, deliveriesDays) },
  { name: 'dispatches', remove: dropDispatches },
  { name: 'codes', remove: dropCodes },
  { name: 'sessions', remove: dropSessions },
  { name: 'evidence', remove: (tx, { evidenceDays }) => dropOldEvidence(tx, evidenceDays) },
  { name: 'transcripts', remove: (tx, { evidenceDays }) => dropTranscripts(tx, evidenceDays) },
  { name: 'modelCalls', remove: (tx, { auditDays }) => dropCalls(tx, auditDays) },
  { name: 'incidents', remove: (tx, { incidentsDays }) => dropIncidents(tx, incidentsDays) },
  { name: 'auditEvents', remove: (tx, { auditDays }) => dropAudit(tx, auditDays) },
]

/**
 * Sums up what is counted, then removes what is too old, batch by batch. Answers how much of each; null when somebody
 * else sweeps. `signal` ends it between two batches.
 */
export async function sweep(store: Store, retention: RetentionConfig, signal: AbortSignal): Promise<Swept | null> {
  let left = batchesPerSweep
  for (let more = true; more && left > 0 && !signal.aborted; left -= 1) {
    const summed = await alone(store, sumUp)
    if (summed === null) return null
    more = summed.more
  }
  const swept: Record<string, number> = {}
  for (const { name, remove } of steps) {
    for (let removed = 1; removed > 0 && left > 0 && !signal.aborted; left -= 1) {
      removed = (await alone(store, (tx) => remove(tx, retention))) ?? 0
      if (removed > 0) swept[name] = (swept[name] ?? 0) + removed
    }
  }
  if (Object.keys(swept).length > 0) await alone(store, (tx) => insertAudit(tx, [auditOf(swept)]))
  return swept
}

/** One at a time among all gateways, for one transaction. */
async function alone<Answer>(store: Store, work: (tx: Tx) => Promise<Answer>): Promise<Answer | null> {
  return store.transaction().execute(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${sweepLock}) as mine`.execute(tx)
    return rows[0]?.mine === true ? work(tx) : null
  })
}

function auditOf(swept: Swept) {
  const who = { team: 'default', environment: 'default', actor: 'system:retention', subject: 'store' }
  return { ...who, at: new Date(), act: 'retention.swept', digests: {}, detail: swept }
}

const ago = (days: number) => sql<Date>`now() - make_interval(days => ${days})`

/** Only what is summed up: a counter must not forget. */
async function dropDeliveries(tx: Tx, days: number): Promise<number> {
  return removed(
    await sql`with kept as materialized (
        select a.delivery from incident i join alert a on a.incident = i.id where i.state <> 'closed'),
      old as (select id from delivery where received_at < least(${ago(days)}, (select at from tally_until))
        and id not in (select delivery from kept) limit ${batch.rows} for update skip locked)
      delete from delivery d using old where d.id = old.id`.execute(tx),
  )
}

async function dropLetters(tx: Tx, days: number): Promise<number> {
  return removed(
    await sql`with old as (select o.id from outbox o join incident i on i.id = o.incident
        where i.state = 'closed' and i.closed_at < ${ago(days)} and o.again_at is null
          and (o.sent_at is not null or o.given_up_at is not null) limit ${batch.rows})
      delete from outbox o using old where o.id = old.id`.execute(tx),
  )
}

async function dropDispatches(tx: Tx): Promise<number> {
  return removed(
    await sql`with old as (select d.id from dispatch d join incident i on i.id = d.incident
        where i.state = 'closed' and d.done_at < ${ago(spentDays)} limit ${batch.rows})
      delete from dispatch d using old where d.id = old.id`.execute(tx),
  )
}

async function dropCodes(tx: Tx): Promise<number> {
  return removed(await sql`delete from login_code where expires_at < ${ago(spentDays)}`.execute(tx))
}

async function dropSessions(tx: Tx): Promise<number> {
  return removed(await sql`delete from session where expires_at < ${ago(spentDays)}`.execute(tx))
}

/** Of incidents that closed so long ago: what the host answered, and what runs said while they ran. */
async function dropOldEvidence(tx: Tx, days: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select distinct i.id from incident_evidence e join incident i on i.id = e.incident
    where e.taken_at < ${ago(days)} and i.state = 'closed' and i.closed_at < ${ago(days)}
    limit ${batch.incidents}`.execute(tx)
  const incidents = await stillClosed(
    tx,
    rows.map(({ id }) => id),
  )
  await sql`delete from run_event where run in (
    select r.id from plan p join run r on r.plan = p.id where p.incident = any(${incidents}::text[]))`.execute(tx)
  await dropEvidenceOf(tx, incidents)
  return incidents.length
}

/** What was said to models and what they answered holds lines of logs, so it goes when evidence goes. */
async function dropTranscripts(tx: Tx, days: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select i.id from incident i where i.state = 'closed' and i.closed_at < ${ago(days)}
      and exists (select from investigation_message m where m.incident = i.id)
    limit ${batch.incidents}`.execute(tx)
  const incidents = await stillClosed(
    tx,
    rows.map(({ id }) => id),
  )
  await sql`delete from investigation_turn where incident = any(${incidents}::text[])`.execute(tx)
  await sql`delete from investigation_message where incident = any(${incidents}::text[])`.execute(tx)
  return incidents.length
}

/** Calls outlive their incident, but while it is open they count against its budget. */
async function dropCalls(tx: Tx, days: number): Promise<number> {
  return removed(
    await sql`with old as (select c.incident, c.number, c.turn, c.tier from model_call c
        where c.reserved_at < ${ago(days)}
          and not exists (select from incident i where i.id = c.incident and i.state <> 'closed')
        limit ${batch.rows} for update skip locked)
      delete from model_call c using old
      where (c.incident, c.number, c.turn, c.tier) = (old.incident, old.number, old.turn, old.tier)`.execute(tx),
  )
}

/** An answer that another incident has, too, stays. */
async function dropEvidenceOf(tx: Tx, incidents: readonly string[]): Promise<void> {
  const { rows } = await sql<{ evidence: string }>`
    delete from incident_evidence where incident = any(${incidents}::text[]) returning evidence`.execute(tx)
  const cited = [...new Set(rows.map(({ evidence }) => evidence))]
  await sql`delete from evidence e where id = any(${cited}::text[])
    and not exists (select from incident_evidence other where other.evidence = e.id)`.execute(tx)
}

/** With everything that is theirs. */
async function dropIncidents(tx: Tx, days: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select id from incident where state = 'closed' and closed_at < least(${ago(days)}, (select at from tally_until))
    order by closed_at limit ${batch.incidents}`.execute(tx)
  const incidents = await stillClosed(
    tx,
    rows.map(({ id }) => id),
  )
  await dropEvidenceOf(tx, incidents)
  await sql`delete from run where plan in (select id from plan where incident = any(${incidents}::text[]))`.execute(tx)
  await sql`delete from decision where incident = any(${incidents}::text[])`.execute(tx)
  await sql`delete from plan where incident = any(${incidents}::text[])`.execute(tx)
  await sql`delete from incident where id = any(${incidents}::text[])`.execute(tx)
  return incidents.length
}

/** Locked, so that none of them opens again meanwhile; one that somebody else has is left for another time. */
async function stillClosed(tx: Tx, incidents: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from incident where id = any(${incidents}::text[]) and state = 'closed'
    order by id for update skip locked`.execute(tx)
  return rows.map(({ id }) => id)
}

async function dropAudit(tx: Tx, days: number): Promise<number> {
  const { rows } = await sql<{ cut: string }>`select cut_audit(${ago(days)}, ${batch.events}) as cut`.execute(tx)
  return Number(rows[0]?.cut ?? 0)
}

function removed(result: { readonly numAffectedRows?: bigint | undefined }): number {
  return Number(result.numAffectedRows ?? 0)
}
