// What a person lets an incident use beyond its budgets: one row and one audit event, taken back where nobody took it.
import { sql } from 'kysely'
import type { IncidentId } from '../domain/ids.ts'
import { insertAudit } from './audit.ts'
import type { Store } from './connect.ts'
import { storableText } from './text.ts'

export type LiftRow = {
  /** The form's own. */
  readonly id: string
  readonly incident: { readonly id: IncidentId; readonly team: string; readonly environment: string }
  readonly person: string
  readonly dollars: number
  readonly says: string
  readonly at: Date
}

/** Under the form's own id; null: never sent. */
export async function readLift(store: Store, id: string) {
  return (await store.selectFrom('budget_lift').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** The oldest of this incident that its workflow is not known to have taken; null: there is none. */
export async function readUntold(store: Store, incident: IncidentId) {
  const rows = store.selectFrom('budget_lift').selectAll().where('incident', '=', incident).where('told_at', 'is', null)
  return (await rows.orderBy('at').limit(1).executeTakeFirst()) ?? null
}

/** Its workflow has taken it. */
export async function markTold(store: Store, id: string): Promise<void> {
  await store
    .updateTable('budget_lift')
    .set({ told_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute()
}

/** False: another one stands under this id. */
export async function insertLift(store: Store, lift: LiftRow): Promise<boolean> {
  const { id, incident, person, dollars, says, at } = lift
  return store.transaction().execute(async (tx) => {
    const written = await tx
      .insertInto('budget_lift')
      .values({ id, incident: incident.id, person, dollars, says: storableText(says), at })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (written.numInsertedOrUpdatedRows !== 1n) return false
    await insertAudit(tx, [audit(lift, 'budget.lift')])
    return true
  })
}

/** Nobody took it, so nothing may be spent because of it. */
export async function takeBackLift(store: Store, lift: LiftRow): Promise<void> {
  await store.transaction().execute(async (tx) => {
    await tx.deleteFrom('budget_lift').where('id', '=', lift.id).execute()
    await insertAudit(tx, [audit(lift, 'budget.lift.taken-back')])
  })
}

function audit({ id, incident, person, dollars, says, at }: LiftRow, act: string) {
  const { team, environment } = incident
  const who = { at, team, environment, actor: `person:${person}`, subject: incident.id }
  return { ...who, act, digests: {}, detail: { id, dollars, says } }
}
