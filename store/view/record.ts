// What became of runs: measured from rows, never from what a run says of itself.
import { sql } from 'kysely'
import type { RunState } from '../../domain/run.ts'
import type { LastRun } from '../../domain/telling/fleet-view.ts'
import type { Record90 } from '../../domain/telling/view.ts'
import type { Badge } from '../../domain/telling/words.ts'
import type { Store } from '../connect.ts'
import type { Readable } from './incident-row.ts'

export const recordDays = 90

/** One run that started on a host: `verified` and `wrong` are both false while its verification is still open. */
export type RunRecord = {
  readonly run: string
  readonly incident: number
  readonly playbook: string
  readonly host: string
  readonly at: Date
  readonly state: RunState
  readonly verified: boolean
  readonly wrong: boolean
}

/**
 * A team's repairs of the last 90 days that started on a host, newest first. Verified: the timeline says so after this
 * run and before the next. Wrong: its verification failed, or it failed after it had changed something.
 */
export async function runRecords(
  store: Store,
  { now, team }: Readable & { readonly now: Date },
): Promise<readonly RunRecord[]> {
  const since = new Date(now.getTime() - recordDays * 86_400_000)
  const { rows } = await sql<RunRecord>`
    select r.id as run, i.number::int as incident, r.playbook, r.host, r.started_at as at, r.state,
      coalesce(after.kind = 'verified', false) as verified,
      coalesce(after.kind = 'not-recovered', false)
        or (r.state = 'failed' and coalesce((r.outcome ->> 'changed')::int, 0) > 0) as wrong
    from run r
    join plan p on p.id = r.plan and p.kind = 'remediate'
    join incident i on i.id = r.incident
    left join lateral (
      select t.entry ->> 'kind' as kind from timeline t
      where t.incident = r.incident
        and t.entry ->> 'kind' in ('verified', 'not-recovered', 'run-requested', 'handed-over', 'closed')
        and t.sequence > (
          select min(e.sequence) from timeline e
          where e.incident = r.incident and e.entry ->> 'kind' = 'run-ended' and e.entry ->> 'run' = r.id)
      order by t.sequence limit 1
    ) after on true
    where r.started_at > ${since} and (${team}::text is null or r.team = ${team})
    order by r.started_at desc
    limit 10000`.execute(store)
  return rows
}

/** The figures of some runs. */
export function recordOf(runs: readonly RunRecord[]): Record90 {
  const verified = runs.filter((run) => run.verified).length
  const wrong = runs.filter((run) => run.wrong).length
  const open = runs.filter(
    (run) => !run.verified && !run.wrong && run.state !== 'failed' && run.state !== 'unknown',
  ).length
  return { runs: runs.length, verified, wrong, open }
}

/** A run as one line of a list. */
export function lastRun(run: RunRecord): LastRun {
  return { run: run.run, incident: run.incident, host: run.host, at: run.at.toISOString(), badge: runBadge(run) }
}

function runBadge(run: RunRecord): Badge {
  if (run.verified) return { word: 'Verified', tone: 'good', shape: 'check' }
  if (run.state === 'unknown') return { word: 'Outcome unknown', tone: 'bad', shape: 'question' }
  if (run.state === 'failed') return { word: 'Repair failed', tone: 'bad', shape: 'cross' }
  if (run.wrong) return { word: 'Not recovered', tone: 'bad', shape: 'cross' }
  if (run.state === 'succeeded') return { word: 'Not verified', tone: 'plain', shape: 'dot' }
  return { word: 'Running', tone: 'acting', shape: 'tool' }
}
