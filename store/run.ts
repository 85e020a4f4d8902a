// A run's row while it is carried out. Every move is conditional on the state before it: whoever comes second changes
// nothing.
import { Failure } from '../domain/failure.ts'
import type { HostId, IncidentId, PlanId, RunId } from '../domain/ids.ts'
import { runMoves, type RunOutcome, type RunState } from '../domain/run.ts'
import type { Store } from './connect.ts'
import { jsonText } from './text.ts'

export type StoredRun = {
  readonly id: RunId
  readonly incident: IncidentId
  readonly plan: PlanId
  readonly planDigest: string
  readonly host: HostId
  readonly decision: string | null
  readonly fence: number | null
  readonly state: RunState
  readonly outcome: RunOutcome | null
  readonly deadline: Date
  /** When the host had said that it began; null before that. */
  readonly startedAt: Date | null
  readonly hardDeadline: Date | null
}

/** Throws `input.not-found`. */
export async function readRun(store: Store, id: RunId): Promise<StoredRun> {
  const row = await store.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Failure({ code: 'input.not-found', message: `There is no run ${id}.` })
  return {
    id: row.id,
    incident: row.incident,
    plan: row.plan,
    planDigest: row.plan_digest,
    host: row.host,
    decision: row.decision,
    fence: row.fence === null ? null : Number(row.fence),
    state: row.state,
    outcome: row.outcome,
    deadline: row.deadline,
    startedAt: row.started_at,
    hardDeadline: row.hard_deadline,
  }
}

/**
 * From `leased`, right before the first task may begin. False when the row was not leased any more: then nothing may
 * begin.
 */
export async function markStarted(store: Store, id: RunId, at: Date, hardDeadline: Date): Promise<boolean> {
  const done = await store
    .updateTable('run')
    .set({ state: 'started', started_at: at, hard_deadline: hardDeadline })
    .where('id', '=', id)
    .where('state', '=', 'leased')
    .executeTakeFirst()
  return done.numUpdatedRows === 1n
}

/**
 * Writes how it ended, from any state that may lead there, and gives the host back unless that is unknown. Returns what
 * stands in the row.
 */
export async function endRun(store: Store, id: RunId, outcome: RunOutcome, at: Date): Promise<RunOutcome> {
  return store.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('run')
      .set({ state: outcome.kind, outcome: jsonText(outcome), ended_at: at })
      .where('id', '=', id)
      .where('state', 'in', statesBefore(outcome.kind))
      .returning(['host', 'started_at'])
      .executeTakeFirst()
    if (row !== undefined) {
      // While it is unknown what lives on the host, nobody else may have it: the lease then ends by its time.
      const lease = outcome.kind === 'unknown' ? {} : { run: null, until: null }
      const change = row.started_at === null ? {} : { last_change_at: at }
      const written = { ...lease, ...change }
      if (Object.keys(written).length > 0) {
        await transaction
          .updateTable('host_lease')
          .set(written)
          .where('host', '=', row.host)
          .where('run', '=', id)
          .execute()
      }
      return outcome
    }
    const there = await transaction.selectFrom('run').select('outcome').where('id', '=', id).executeTakeFirst()
    return there?.outcome ?? outcome
  })
}

function statesBefore(state: RunState): readonly RunState[] {
  return allStates.filter((from) => runMoves[from].includes(state))
}

const allStates: readonly RunState[] = ['planned', 'leased', 'started', 'succeeded', 'failed', 'unknown', 'refused']

export type StoredRunEvent = {
  readonly run: RunId
  readonly sequence: number
  readonly at: Date
  readonly event: unknown
}

/** Appends events; one that is there already stays. */
export async function insertRunEvents(store: Store, events: readonly StoredRunEvent[]): Promise<void> {
  if (events.length === 0) return
  const values = events.map((one) => ({ ...one, event: jsonText(one.event) }))
  await store
    .insertInto('run_event')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
