// Who did what, when: append-only. No field is ever blank.
import { sql, type RawBuilder, type Transaction } from 'kysely'
import type { Json } from '../domain/canonical-json.ts'
import type { Database } from './schema.ts'

export type AuditEvent = {
  readonly at: Date
  readonly team: string
  readonly environment: string
  /** `source:<name>`, `person:<name>`, `agent:<name>` or `system:<what>`. */
  readonly actor: string
  /** What was done: `incident.opened`, `plan.decided`, `switch.stopped`. */
  readonly act: string
  /** The id of what it was done to. */
  readonly subject: string
  readonly digests: Json
  readonly detail: Json
}

/** Writes in the transaction of the act itself, so that neither is there without the other. */
export async function insertAudit(tx: Transaction<Database>, events: readonly AuditEvent[]): Promise<void> {
  if (events.length > 0) await audited(events).execute(tx)
}

/** The same as a statement, which may stand in a larger one. */
export function audited(events: readonly AuditEvent[]): RawBuilder<unknown> {
  return sql`insert into audit_event (at, team, environment, actor, act, subject, digests, detail)
    select at, team, environment, actor, act, subject, digests, detail
    from json_populate_recordset(null::audit_event, ${JSON.stringify(events)}::json)`
}
