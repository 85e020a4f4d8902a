// A host that is not to be touched: nothing changes on it until a person releases it.
import type { Transaction } from 'kysely'
import type { HostId } from '../domain/ids.ts'
import type { TimelineEntry } from '../domain/timeline.ts'
import { insertAudit } from './audit.ts'
import type { Store } from './connect.ts'
import type { Database } from './schema.ts'
import { storableText } from './text.ts'

export type Quarantine = { readonly at: Date; readonly because: string; readonly by: string }

type Owned = { readonly host: HostId; readonly team: string; readonly environment: string }

export type Change = Owned & {
  readonly because: string
  /** `person:<name>` or `agent:millwright`. */
  readonly actor: string
  readonly at: Date
}

/** Null: it is not in quarantine. */
export async function readQuarantine(store: Store, host: HostId): Promise<Quarantine | null> {
  const row = await store
    .selectFrom('host_lease')
    .select(['quarantined_at as at', 'quarantined_because as because', 'quarantined_by as by'])
    .where('host', '=', host)
    .executeTakeFirst()
  if (row === undefined || row.at === null) return null
  return { at: row.at, because: row.because ?? 'no reason recorded', by: row.by ?? 'millwright' }
}

/** Sets it, with its audit event; the first reason stays when it is set already, which is then false. */
export async function quarantineHost(store: Store, change: Change): Promise<boolean> {
  return store.transaction().execute((tx) => quarantineIn(tx, change))
}

/** The same inside the transaction of what was the reason. */
export async function quarantineIn(tx: Transaction<Database>, change: Change): Promise<boolean> {
  const { host, at, actor } = change
  const because = storableText(change.because)
  const set = { quarantined_at: at, quarantined_because: because, quarantined_by: actor.replace(/^\w+:/, '') }
  const written = await tx
    .insertInto('host_lease')
    .values({ host, ...set })
    .onConflict((conflict) => conflict.column('host').doUpdateSet(set).where('host_lease.quarantined_at', 'is', null))
    .executeTakeFirst()
  if (written.numInsertedOrUpdatedRows !== 1n) return false
  await insertAudit(tx, [{ ...eventOf(change), act: 'host.quarantined', detail: { because } }])
  return true
}

type Incident = {
  readonly number: number
  readonly team: string
  readonly environment: string
  readonly host: string | null
}

/**
 * Takes the host out of reach when nobody knows any more what stands on it: a run whose outcome stayed unknown after
 * its record was asked for, or an undo that failed.
 */
export async function quarantineAfter(
  tx: Transaction<Database>,
  { number, team, environment, host }: Incident,
  entry: TimelineEntry,
  at: Date,
): Promise<void> {
  const because = host === null ? null : unsafeBecause(entry, number)
  if (host === null || because === null) return
  await quarantineIn(tx, { host, team, environment, because, actor: 'agent:millwright', at })
}

function unsafeBecause(entry: TimelineEntry, number: number): string | null {
  if (entry.kind !== 'run-ended') return null
  const { outcome, undo } = entry
  if (outcome.kind === 'unknown') return `What a run of INC-${number} did here is not known: ${outcome.says}`
  return undo && outcome.kind === 'failed' ? `The undo of INC-${number} failed halfway: ${outcome.says}` : null
}

/** A person says that it may be changed again. False: it was not in quarantine. */
export async function releaseHost(store: Store, change: Change): Promise<boolean> {
  return store.transaction().execute(async (tx) => {
    const before = await readQuarantine(tx, change.host)
    if (before === null) return false
    await tx
      .updateTable('host_lease')
      .set({ quarantined_at: null, quarantined_because: null, quarantined_by: null })
      .where('host', '=', change.host)
      .where('quarantined_at', '=', before.at)
      .execute()
    const detail = { because: storableText(change.because), was: before.because }
    await insertAudit(tx, [{ ...eventOf(change), act: 'host.released', detail }])
    return true
  })
}

function eventOf({ team, environment, actor, host, at }: Change) {
  return { at, team, environment, actor, subject: `host:${host}`, digests: {} }
}
