// One host, one change: the lease, its fence, and the decision that lets the run have it, taken together or not at all.
import { sql } from 'kysely'
import { whyWorthless } from '../domain/decision.ts'
import type { HostId, RunId } from '../domain/ids.ts'
import { refused, type Refusal } from '../domain/run.ts'
import type { Store } from './connect.ts'
import { readDecision } from './decision.ts'

export type LeaseRequest = {
  readonly run: RunId
  readonly host: HostId
  readonly planDigest: string
  /** The decision that the run was opened with; null when policy let it run by itself. */
  readonly decision: string | null
  readonly now: Date
  /** When nothing of the run can be alive any more. */
  readonly until: Date
}

export type Lease =
  | { readonly kind: 'taken'; readonly fence: number }
  /** The row is not `planned` any more: another worker has it. */
  | { readonly kind: 'not-planned' }
  | Refusal

/**
 * Takes the host, raises its fence, claims the decision and moves the run to `leased`, in one transaction. Any doubt
 * refuses: a switch that can't be read counts as set.
 */
export async function takeLease(store: Store, request: LeaseRequest): Promise<Lease> {
  return store.transaction().execute(async (transaction) => {
    const run = await transaction
      .selectFrom('run')
      .select('state')
      .where('id', '=', request.run)
      .forUpdate()
      .executeTakeFirst()
    if (run?.state !== 'planned') return { kind: 'not-planned' }
    const refusal =
      (await switchRefusal(transaction)) ??
      (await hostRefusal(transaction, request)) ??
      (await claimDecision(transaction, request))
    if (refusal !== null) return refusal
    const lease = await transaction
      .updateTable('host_lease')
      .set({ fence: nextFence, run: request.run, until: request.until })
      .where('host', '=', request.host)
      .returning('fence')
      .executeTakeFirstOrThrow()
    await transaction
      .updateTable('run')
      .set({ state: 'leased', fence: lease.fence, hard_deadline: request.until })
      .where('id', '=', request.run)
      .execute()
    return { kind: 'taken', fence: Number(lease.fence) }
  })
}

/** It grows with every lease that a host lets in, also where somebody said that the database was restored. */
const nextFence = sql<string>`greatest(fence, (select max(fence) from restored)) + 1`

/**
 * Takes one lease's step of the fence back, for the host has said that it let nobody in with it: a database that is
 * behind its hosts does not catch up with them by trying.
 */
export async function dropFence(store: Store, { run, host }: Pick<LeaseRequest, 'run' | 'host'>, fence: number) {
  await store
    .updateTable('host_lease')
    .set({ fence: sql<string>`fence - 1` })
    .where('host', '=', host)
    .where('run', '=', run)
    .where('fence', '=', String(fence))
    .execute()
}

/** Gives the host back when nothing of the run can be alive there any more, whatever it came to. */
export async function releaseLease(store: Store, { run, host }: Pick<LeaseRequest, 'run' | 'host'>): Promise<void> {
  await store
    .updateTable('host_lease')
    .set({ run: null, until: null })
    .where('host', '=', host)
    .where('run', '=', run)
    .execute()
}

/** Whether a person has stopped all changes. Without an answer it counts as stopped. */
export async function readStop(store: Store): Promise<{ readonly stopped: boolean; readonly says: string }> {
  try {
    const row = await store.selectFrom('kill_switch').select(['stopped', 'by', 'says']).executeTakeFirst()
    if (row === undefined) return { stopped: true, says: 'The kill switch has no row, which counts as stopped.' }
    return { stopped: row.stopped, says: row.stopped ? `${row.by} has stopped all changes: ${row.says}` : '' }
  } catch {
    // Silence never means yes.
    return { stopped: true, says: 'The kill switch can’t be read, which counts as stopped.' }
  }
}

async function switchRefusal(store: Store): Promise<Refusal | null> {
  const { stopped, says } = await readStop(store)
  return stopped ? refused('stopped', says) : null
}

async function hostRefusal(store: Store, { host, run, now }: LeaseRequest): Promise<Refusal | null> {
  await store
    .insertInto('host_lease')
    .values({ host })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await store
    .selectFrom('host_lease')
    .selectAll()
    .where('host', '=', host)
    .forUpdate()
    .executeTakeFirstOrThrow()
  if (row.quarantined_at !== null) {
    return refused(
      'policy.forbidden',
      `The host is in quarantine: ${row.quarantined_because ?? 'no reason was given'}.`,
    )
  }
  if (row.run !== null && row.run !== run && row.until !== null && row.until > now) {
    return refused('run.refused', `Another run (${row.run}) has the host.`)
  }
  return null
}

/** The one decision, once: an approval of exactly this plan that counts and was not used. */
async function claimDecision(store: Store, { decision, planDigest, run, now }: LeaseRequest): Promise<Refusal | null> {
  if (decision === null) return null
  const worthless = whyWorthless(await readDecision(store, decision, true), planDigest, now)
  if (worthless !== null) return worthless
  await store.updateTable('decision').set({ used_at: now, used_by: run }).where('id', '=', decision).execute()
  return null
}
