// What became of runs: measured from rows, never from what a run says of itself.
import { sql } from 'kysely'
import type { RunState } from '../../domain/run.ts'
import type { LastRun } from '../../domain/telling/fleet-view.ts'
import type { Record90 } from '../../domain/telling/view.ts'
import type { Badge } from '../../domain/telling/words.ts'
import type { Store } from '../connect.ts'
import type { Readable } from './incident-row.ts'

export const recordDays = 90

/** Whether a run helped; `open`: it is not over, or it is still being watched whether it did. */
type Helped = 'verified' | 'wrong' | 'changed-nothing' | 'cannot-tell' | 'open'

/** One run that started on a host. */
export type RunRecord = {
  readonly run: string
  readonly incident: number
  readonly playbook: string
  readonly host: string
  readonly at: Date
  readonly state: RunState
  readonly helped: Helped
}

/**
 * A team's repairs of the last 90 days that started on a host, newest first. Verified: the timeline says so after this
 * run and before the next. Wrong: its verification failed, or it failed after it had changed something. Not to be told:
 * nobody knows what it did, or the story went on without its verification.
 */
export async function runRecords(
  store: Store,
  { now, team }: Readable & { readonly now: Date },
): Promise<readonly RunRecord[]> {
  const since = new Date(now.getTime() - recordDays * 86_400_000)
  const { rows } = await sql<RunRecord>`
    select r.id as run, i.number::int as incident, r.playbook, r.host, r.started_at as at, r.state,
      case
        when after.kind = 'verified' then 'verified'
        when after.kind = 'not-recovered' then 'wrong'
        when r.state = 'failed' and coalesce((r.outcome ->> 'changed')::int, 0) > 0 then 'wrong'
        when r.state = 'failed' then 'changed-nothing'
        when r.state = 'unknown' or after.kind is not null then 'cannot-tell'
        else 'open'
      end as helped
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
  const counted = (helped: Helped): number => runs.filter((run) => run.helped === helped).length
  return { runs: runs.length, verified: counted('verified'), wrong: counted('wrong'), open: counted('open') }
}

/** A run as one line of a list. */
export function lastRun(run: RunRecord): LastRun {
  return { run: run.run, incident: run.incident, host: run.host, at: run.at.toISOString(), badge: runBadge(run) }
}

function runBadge({ helped, state }: RunRecord): Badge {
  switch (helped) {
    case 'verified':
      return { word: 'Verified', tone: 'good', shape: 'check' }
    case 'wrong':
    case 'changed-nothing':
      return { word: state === 'failed' ? 'Repair failed' : 'Not recovered', tone: 'bad', shape: 'cross' }
    case 'cannot-tell':
      if (state === 'unknown') return { word: 'Outcome unknown', tone: 'bad', shape: 'question' }
      return { word: 'Not verified', tone: 'plain', shape: 'dot' }
    case 'open':
      if (state === 'succeeded') return { word: 'Not verified', tone: 'plain', shape: 'dot' }
      return { word: 'Running', tone: 'acting', shape: 'tool' }
  }
}
