// Step 3: what a source said becomes durable, with the incident each alert belongs to, in one transaction, before
// anybody is answered.
import { sql, type Transaction } from 'kysely'
import { Failure } from '../domain/failure.ts'
import type { DeliveryId, IncidentId } from '../domain/ids.ts'
import { newId } from '../runtime/ids.ts'
import type { Store } from './connect.ts'
import { dispatched, type NewDispatch } from './dispatch.ts'
import { groupCommit } from './group-commit.ts'
import { place, type Incoming, type PlacementKind } from './inbox-place.ts'
import { lockGroups, readBefore } from './inbox-read.ts'
import { insertNews, summaryOf, timelineOf, touchIncidents, type Filed, type Touched } from './inbox-write.ts'
import { audited } from './audit.ts'
import { oddTimesSays } from './odd-times.ts'
import type { Database } from './schema.ts'

/** What a payload came to. */
export type Recorded = {
  readonly delivery: DeliveryId
  readonly result: 'opened' | 'reopened' | 'merged' | 'ignored'
  readonly says: string
  readonly incidents: readonly { readonly id: IncidentId; readonly number: number; readonly result: PlacementKind }[]
}

export type Inbox = {
  /**
   * Durable when it answers. Payloads that wait at the same time share a commit. Throws `store.unavailable` when it
   * can't be recorded or too many wait: the sender shall try again.
   */
  readonly record: (incoming: Incoming) => Promise<Recorded>
}

/** Payloads in one commit, commits at the same time, and payloads that may wait for one. */
const limits = { batch: 48, lanes: 2, queue: 2_000 } as const

const attempts = 3

export function createInbox(store: Store): Inbox {
  return { record: groupCommit((batch: readonly Incoming[]) => recordTogether(store, batch), limits) }
}

async function recordTogether(store: Store, batch: readonly Incoming[]): Promise<readonly Recorded[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await store.transaction().execute((tx) => recordIn(tx, batch))
    } catch (cause) {
      if (attempt < attempts && isCollision(cause)) continue
      throw new Failure({ code: 'store.unavailable', ...sayWhy(cause), cause })
    }
  }
}

async function recordIn(tx: Transaction<Database>, batch: readonly Incoming[]): Promise<readonly Recorded[]> {
  const now = new Date()
  // Before anything is read, and so in a statement of its own: each sees what was committed when it began.
  await lockGroups(tx, batch)
  const { ground, seen } = await readBefore(tx, batch, now)
  const filed = batch.map((incoming): Filed => {
    const placements = place(incoming, ground, () => newId('inc'))
    const key = `${incoming.source} ${incoming.bodyDigest}`
    const before = seen.get(key)
    const replay = before !== undefined && placements.every(({ kind }) => kind === 'merged')
    const delivery = replay ? before : newId('del')
    if (placements.length > 0) seen.set(key, delivery)
    return { incoming, delivery, replay, placements }
  })
  const { numbers, changed } = await insertNews(tx, filed)
  const touched = await touchIncidents(tx, filed)
  await insertStory(tx, { filed, touched, changed, now })
  return answersOf(filed, new Map([...numbers, ...(await readNumbers(tx, touched))]))
}

type Story = {
  readonly filed: readonly Filed[]
  readonly touched: readonly Touched[]
  readonly changed: ReadonlySet<string>
  readonly now: Date
}

/** What follows for the incidents: their first lines, what Temporal is to be told, and the audit record. */
async function insertStory(tx: Transaction<Database>, { filed, touched, changed, now }: Story): Promise<void> {
  const dispatches = dispatchesOf(filed, changed, touched)
  const events = filed.flatMap(auditOf)
  if (dispatches.length === 0 && events.length === 0) return
  await sql`with story as (${timelineOf(filed, touched)}), events as (${audited(events)}),
    ${dispatched(dispatches, now)}`.execute(tx)
}

/** A closed incident is told nothing: its story has ended. */
function dispatchesOf(
  filed: readonly Filed[],
  news: ReadonlySet<string>,
  touched: readonly Touched[],
): readonly NewDispatch[] {
  const started = new Set(
    filed.flatMap(({ placements }) =>
      placements.filter(({ kind }) => kind !== 'merged').map(({ incident }) => incident),
    ),
  )
  const changed = touched.filter(
    ({ id, state, turned }) => !started.has(id) && state !== 'closed' && (turned || news.has(id)),
  )
  return [
    ...[...started].map((incident) => ({ incident, kind: 'start' as const })),
    ...changed.map(({ id }) => ({ incident: id, kind: 'changed' as const })),
  ]
}

function auditOf({ incoming, delivery, placements }: Filed) {
  return placements
    .filter(({ kind }) => kind !== 'merged')
    .map(({ kind, incident, host, storm, alerts }) => ({
      at: incoming.receivedAt,
      team: incoming.team,
      environment: host?.environment ?? incoming.environment,
      actor: incoming.dryRun === undefined ? `source:${incoming.source}` : `person:${incoming.dryRun.person}`,
      act: incoming.dryRun === undefined ? `incident.${kind}` : 'incident.dry-run',
      subject: incident,
      digests: { body: incoming.bodyDigest },
      detail: { delivery, host: host?.id ?? null, storm, alerts: alerts.length },
    }))
}

async function readNumbers(
  tx: Transaction<Database>,
  touched: readonly Touched[],
): Promise<ReadonlyMap<string, number>> {
  if (touched.length === 0) return new Map()
  const ids = touched.map(({ id }) => id)
  const rows = await tx.selectFrom('incident').select(['id', 'number']).where('id', 'in', ids).execute()
  return new Map(rows.map((row) => [row.id, Number(row.number)]))
}

function answersOf(filed: readonly Filed[], numbers: ReadonlyMap<string, number>): readonly Recorded[] {
  return filed.map(({ incoming, delivery, replay, placements }) => ({
    delivery,
    result: summaryOf(placements).result,
    says: replay ? 'The same delivery came before.' : `${summaryOf(placements).says}${oddTimesSays(incoming)}`,
    incidents: placements.map(({ kind, incident }) => ({
      id: incident,
      number: numbers.get(incident) ?? 0,
      result: kind,
    })),
  }))
}

/** PostgreSQL's own word for a file that can't grow. */
const diskFull = '53100'

function sayWhy(cause: unknown): { readonly message: string; readonly hint: string } {
  if (codeOf(cause) === diskFull) {
    return {
      message: 'The disk of the database is full: the delivery could not be recorded, so nothing of it counts.',
      hint: 'Make room on the file system of the data folder, then send it again. Nothing else has to be done.',
    }
  }
  return {
    message: 'The delivery could not be recorded, so nothing of it counts.',
    hint: 'Send it again in a few seconds. If it stays so, look whether the database runs: npx millwright doctor',
  }
}

/** Deadlock, serialisation, or another gateway without our lock was faster: all of them go well the next time. */
function isCollision(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40P01' || code === '40001' || code === '23505'
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
