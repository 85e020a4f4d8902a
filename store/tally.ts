// What happened, counted: the rows of the last hours, and for all before them the sums that outlive those rows.
import { sql, type Transaction } from 'kysely'
import type { Store } from './connect.ts'
import type { Database } from './schema.ts'

/** `labels` in the order of `real_counted` in migration 0031. */
export type Count = { readonly metric: string; readonly labels: readonly (string | null)[]; readonly value: number }

/** A row may be committed so much later than it is dated: statements end after 10 s, payloads wait for a commit. */
const settledMinutes = 10
/** One step of the summing covers at most this, so that it stays short after a long stand-still. */
const longestStepHours = 24

/** Everything since the first start. One snapshot: what is just being summed is counted once. */
export async function readCounts(store: Store): Promise<readonly Count[]> {
  const { rows } = await sql<Count>`
    select metric, labels, sum(value)::double precision as value from (
      select metric, labels, value from tally
      union all
      select c.metric, c.labels, c.value from tally_until u, lateral real_counted(u.at, '9999-01-01') c
    ) everything group by metric, labels order by metric, labels`.execute(store)
  return rows
}

/**
 * Moves the boundary: what is settled is added to the sums. Answers up to when everything is summed; its rows may go.
 */
export async function sumUp(tx: Transaction<Database>): Promise<{ readonly until: Date; readonly more: boolean }> {
  const step = await sql<{ since: Date; until: Date; settled: Date }>`
    select at as since, now() - make_interval(mins => ${settledMinutes}) as settled,
      greatest(at, least(at + make_interval(hours => ${longestStepHours}),
        now() - make_interval(mins => ${settledMinutes}))) as until
    from tally_until for update`.execute(tx)
  const [row] = step.rows
  if (row === undefined) throw new Error('The table tally_until has lost its row.')
  const { since, until, settled } = row
  await sql`insert into tally (metric, labels, value)
    select metric, labels, value from real_counted(${since}, ${until})
    on conflict (metric, labels) do update set value = tally.value + excluded.value`.execute(tx)
  await sql`update tally_until set at = ${until}`.execute(tx)
  return { until, more: until < settled }
}
