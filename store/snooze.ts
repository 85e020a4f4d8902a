// A reminder put off. What waits goes on waiting, and expires when it would have: only people are left in peace.
import { sql, type Transaction } from 'kysely'
import type { IncidentId } from '../domain/ids.ts'
import type { Notification } from '../integrations/notifier.ts'
import { insertAudit } from './audit.ts'
import type { Store } from './connect.ts'
import { putLetters } from './outbox.ts'
import type { Database } from './schema.ts'
import { peopleWereTold } from './transition.ts'

/** One incident's reminders are put off so often at most. */
const maximumSnoozes = 12

export type Snooze = {
  readonly incident: { readonly id: IncidentId; readonly team: string; readonly environment: string }
  readonly person: string
  readonly minutes: number
  readonly notifiers: readonly string[]
  /** What is sent now, and again when the time is over. */
  readonly now: Notification
  readonly later: Notification
  readonly at: Date
}

/** With its audit event. False: nobody is reminded of this incident, or it was put off too often. */
export async function snooze(store: Store, asked: Snooze): Promise<boolean> {
  const { incident, person, minutes, notifiers, at } = asked
  const until = new Date(at.getTime() + minutes * 60_000)
  return store.transaction().execute(async (tx) => {
    // The same row that a transition holds: a decision and its message come before this one, or after.
    await tx.selectFrom('incident').select('id').where('id', '=', incident.id).forUpdate().execute()
    if (!(await peopleWereTold(tx, incident.id))) return false
    if ((await snoozesOf(tx, incident.id)) >= maximumSnoozes) return false
    await putLetters(tx, asked.now, { notifiers, sendAt: at })
    await putLetters(tx, asked.later, { notifiers, sendAt: until })
    const { team, environment } = incident
    const who = { at, team, environment, actor: `person:${person}`, act: 'incident.snooze', subject: incident.id }
    await insertAudit(tx, [{ ...who, digests: {}, detail: { minutes, until: until.toISOString() } }])
    return true
  })
}

async function snoozesOf(tx: Transaction<Database>, incident: IncidentId): Promise<number> {
  const { rows } = await sql<{ keys: number }>`
    select count(distinct key)::integer as keys from outbox where incident = ${incident} and body->>'kind' = 'snoozed'`.execute(
    tx,
  )
  return rows[0]?.keys ?? 0
}
