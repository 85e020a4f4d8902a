// A run's row before and after it is carried out: made once per plan, ended when nobody carries it out any more.
import { sql } from 'kysely'
import { Failure } from '../domain/failure.ts'
import type { DecisionId, IncidentId, RunId } from '../domain/ids.ts'
import { refused, type RunOutcome, type RunRow } from '../domain/run.ts'
import type { Store } from './connect.ts'
import type { StoredPlan } from './plan.ts'

type NewRun = {
  readonly run: RunId
  readonly stored: StoredPlan
  readonly decision: DecisionId | null
  /** Until then it must have begun. */
  readonly deadline: Date
}

/** Makes the row, once per plan; a second call answers the first row. */
export async function openRunRow(store: Store, { run, stored, decision, deadline }: NewRun): Promise<RunRow> {
  const { plan, digest } = stored
  const [host] = plan.hosts
  await store
    .insertInto('run')
    .values({
      id: run,
      incident: plan.incident,
      plan: plan.id,
      plan_digest: digest,
      team: plan.team,
      environment: plan.environment,
      host: host.id,
      playbook: plan.playbook.id,
      decision,
      state: 'planned',
      created_at: new Date(),
      deadline,
    })
    .onConflict((conflict) => conflict.column('plan').doNothing())
    .execute()
  return readOne(store, 'run.plan', plan.id)
}

/** Throws `input.not-found`. */
export function readRunRow(store: Store, run: RunId): Promise<RunRow> {
  return readOne(store, 'run.id', run)
}

/**
 * Runs of an incident that have not ended, or of whose end its timeline does not tell: what began may have changed
 * something.
 */
export async function openRunsOf(
  store: Store,
  incident: IncidentId,
): Promise<readonly Pick<RunRow, 'run' | 'state'>[]> {
  const rows = await sql<Pick<RunRow, 'run' | 'state'>>`
    select id as run, state from run r
    where incident = ${incident} and state <> 'refused' and (state in ('planned', 'leased', 'started') or not exists (
      select 1 from timeline t where t.incident = r.incident
        and entry->>'kind' = 'run-ended' and entry->>'run' = r.id))`.execute(store)
  return rows.rows
}

/** `planned` becomes refused, for nothing was started; `leased` and `started` become unknown. What has ended stays. */
export async function settleRunRow(store: Store, run: RunId, says: string): Promise<RunRow> {
  const unknown: RunOutcome = { kind: 'unknown', says }
  await sql`update run set ended_at = now(),
      outcome = case state when 'planned' then ${JSON.stringify(refused('conflict.expired', says))}::jsonb else ${JSON.stringify(unknown)}::jsonb end,
      state = case state when 'planned' then 'refused' else 'unknown' end
    where id = ${run} and state in ('planned', 'leased', 'started')`.execute(store)
  return readRunRow(store, run)
}

async function readOne(store: Store, column: 'run.id' | 'run.plan', value: string): Promise<RunRow> {
  const row = await store
    .selectFrom('run')
    .innerJoin('plan', 'plan.id', 'run.plan')
    .select(['run.id', 'run.state', 'run.outcome', 'run.deadline', 'plan.kind'])
    .where(column, '=', value)
    .executeTakeFirst()
  if (row === undefined) throw new Failure({ code: 'input.not-found', message: `There is no run of ${value}.` })
  const { id, state, outcome, deadline, kind } = row
  return { run: id, state, outcome, deadline: deadline.toISOString(), undo: kind === 'undo' }
}
