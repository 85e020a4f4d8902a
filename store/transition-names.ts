// What an entry of a story names is the incident's own: whoever could write an entry could otherwise lend one
// incident's plan, run or decision to another.
import type { Transaction } from 'kysely'
import { Failure } from '../domain/failure.ts'
import type { IncidentId } from '../domain/ids.ts'
import type { TimelineEntry } from '../domain/timeline.ts'
import type { Database } from './schema.ts'

type Tx = Transaction<Database>

/** Throws `bug` naming what is not of this incident. */
export async function checkNames(tx: Tx, incident: IncidentId, entry: TimelineEntry): Promise<void> {
  const wrong = (await wrongRun(tx, incident, entry)) ?? (await wrongPlan(tx, incident, entry))
  if (wrong !== null) {
    throw new Failure({ code: 'bug', message: `An entry “${entry.kind}” of ${incident} names ${wrong}.` })
  }
}

async function wrongRun(tx: Tx, incident: IncidentId, entry: TimelineEntry): Promise<string | null> {
  if (!('run' in entry)) return null
  const row = await tx
    .selectFrom('run')
    .innerJoin('plan', 'plan.id', 'run.plan')
    .select(['run.plan', 'plan.kind'])
    .where('run.id', '=', entry.run)
    .where('run.incident', '=', incident)
    .executeTakeFirst()
  const isOwn = row !== undefined && ('plan' in entry ? row.plan === entry.plan : true)
  return isOwn && (row.kind === 'undo') === entry.undo ? null : `the run ${entry.run}, which is not its own`
}

async function wrongPlan(tx: Tx, incident: IncidentId, entry: TimelineEntry): Promise<string | null> {
  if (!('plan' in entry)) return null
  const row = await tx
    .selectFrom('plan')
    .select('digest')
    .where('id', '=', entry.plan)
    .where('incident', '=', incident)
    .executeTakeFirst()
  if (row === undefined || ('digest' in entry && entry.digest !== row.digest))
    return `the plan ${entry.plan}, which is not its own`
  if (entry.kind !== 'decided') return null
  const decision = await tx
    .selectFrom('decision')
    .select('id')
    .where('plan_digest', '=', row.digest)
    .where('incident', '=', incident)
    .where('person', '=', entry.person)
    .where('verdict', '=', entry.verdict)
    .executeTakeFirst()
  return decision === undefined ? `a decision of ${entry.person} that nobody recorded` : null
}
