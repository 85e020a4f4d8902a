// Whether a run was asked for: by what the incident's story wrote down before anybody was told, never by the message
// that arrived.
import { sql } from 'kysely'
import type { RunId } from '../domain/ids.ts'
import type { Store } from './connect.ts'

export type Asked = {
  /** The plan's own incident is `remediating`, and its story holds a request of just this run; never of a dry run. */
  readonly asked: boolean
  /** What it undoes ended as a failure, or is recorded as not having helped; true for what is no undo. */
  readonly mayUndo: boolean
}

export async function readAsked(store: Store, run: RunId): Promise<Asked> {
  const { rows } = await sql<Asked>`
    select
      not i.dry_run and exists (select from timeline t where t.incident = i.id and i.state = 'remediating'
        and t.entry->>'kind' = 'run-requested' and t.entry->>'run' = r.id and t.entry->>'plan' = p.id
        and t.entry->'undo' = to_jsonb(p.kind = 'undo')) as asked,
      p.kind <> 'undo' or exists (select from plan undone
        join run done on done.plan = undone.id and done.ended_at is not null
        join timeline t on t.incident = i.id and t.entry->>'kind' = 'run-ended' and t.entry->>'run' = done.id
        where undone.incident = i.id and undone.kind = 'remediate' and undone.attempt = p.attempt
          and undone.host = p.host and undone.playbook = p.playbook and undone.body->'params' = p.body->'params'
          and (done.state = 'failed' or (done.state = 'succeeded' and exists (select from timeline later
            where later.incident = i.id and later.sequence > t.sequence and later.entry->>'kind' = 'not-recovered')))
        ) as "mayUndo"
    from run r join plan p on p.id = r.plan join incident i on i.id = p.incident and i.id = r.incident
    where r.id = ${run}`.execute(store)
  return rows[0] ?? { asked: false, mayUndo: false }
}
