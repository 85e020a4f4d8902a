// Decisions: a row first, then the workflow. A row that was not delivered is void, and nothing runs because of it.
import type { Selectable } from 'kysely'
import { approvers, type Verdict } from '../domain/decision.ts'
import type { DecisionId } from '../domain/ids.ts'
import { insertAudit } from './audit.ts'
import type { Store } from './connect.ts'
import type { Database } from './schema.ts'
import { jsonText, storableText } from './text.ts'

export type DecisionRow = {
  readonly id: DecisionId
  readonly planDigest: string
  readonly incident: string
  readonly person: string
  readonly role: string
  /** Who let them in or changed them since the plan was made. */
  readonly hands: readonly string[]
  readonly verdict: Verdict
  readonly reason: string
  readonly decidedAt: Date
  readonly validUntil: Date
  readonly deliveredAt: Date | null
  readonly voidAt: Date | null
  readonly usedAt: Date | null
}

export type NewDecision = Omit<DecisionRow, 'deliveredAt' | 'voidAt' | 'usedAt'> & {
  readonly team: string
  readonly environment: string
}

/** What a decision is about, by the plan's digest; null when there is no such plan. */
export async function decidedPlan(store: Store, digest: string) {
  const row = await store
    .selectFrom('plan')
    .innerJoin('incident', 'incident.id', 'plan.incident')
    .select([
      'plan.id',
      'plan.incident',
      'plan.playbook',
      'plan.team',
      'plan.environment',
      'plan.created_at',
      'plan.expires_at',
      'plan.host',
      'incident.number',
    ])
    .where('plan.digest', '=', digest)
    .executeTakeFirst()
  return row ?? null
}

export async function decisionsOn(store: Store, digest: string): Promise<readonly DecisionRow[]> {
  const rows = await store
    .selectFrom('decision')
    .selectAll()
    .where('plan_digest', '=', digest)
    .orderBy('decided_at')
    .execute()
  return rows.map((row) => rowOf(row))
}

/** Null when there is none of this id. `lock`: nobody else changes it before the transaction ends. */
export async function readDecision(store: Store, id: DecisionId, lock = false): Promise<DecisionRow | null> {
  const row = await store
    .selectFrom('decision')
    .selectAll()
    .where('id', '=', id)
    .$if(lock, (query) => query.forUpdate())
    .executeTakeFirst()
  return row === undefined ? null : rowOf(row)
}

function rowOf(row: Selectable<Database['decision']>): DecisionRow {
  return {
    id: row.id,
    incident: row.incident,
    person: row.person,
    role: row.role,
    hands: row.hands,
    verdict: row.verdict,
    reason: row.reason,
    planDigest: row.plan_digest,
    decidedAt: row.decided_at,
    validUntil: row.valid_until,
    deliveredAt: row.delivered_at,
    voidAt: row.void_at,
    usedAt: row.used_at,
  }
}

/** People who approved this plan, each once, in the order in which they did: those whose approval counts now. */
export async function approversOf(
  store: Store,
  digest: string,
  now: Date,
): Promise<readonly { readonly name: string; readonly hands: readonly string[] }[]> {
  return approvers(await decisionsOn(store, digest), digest, now).map(({ person: name, hands }) => ({ name, hands }))
}

/** Writes it with its audit event; false when a decision with this id is there already. */
export async function insertDecision(store: Store, decision: NewDecision): Promise<boolean> {
  const { id, incident, team, environment, person, role, verdict } = decision
  const reason = storableText(decision.reason)
  return store.transaction().execute(async (tx) => {
    const written = await tx
      .insertInto('decision')
      .values({
        id,
        incident,
        team,
        environment,
        person,
        role,
        verdict,
        reason,
        hands: JSON.stringify(decision.hands),
        plan_digest: decision.planDigest,
        decided_at: decision.decidedAt,
        valid_until: decision.validUntil,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst()
    if (written.numInsertedOrUpdatedRows !== 1n) return false
    const who = { team, environment, actor: `person:${person}`, act: `plan.${verdict}`, subject: incident }
    const digests = { plan: decision.planDigest }
    await insertAudit(tx, [
      { ...who, at: decision.decidedAt, digests, detail: { decision: id, role, hands: decision.hands, reason } },
    ])
    return true
  })
}

export async function markDelivered(store: Store, id: DecisionId, at: Date): Promise<void> {
  await store
    .updateTable('decision')
    .set({ delivered_at: at })
    .where('id', '=', id)
    .where('void_at', 'is', null)
    .execute()
}

/** Makes it worth nothing, unless a run has claimed it already. True: it is void now. */
export async function voidDecision(store: Store, id: DecisionId, at: Date): Promise<boolean> {
  const result = await store
    .updateTable('decision')
    .set({ void_at: at })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('delivered_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export type RefusedAct = {
  readonly at: Date
  readonly team: string
  readonly environment: string
  readonly person: string
  readonly act: string
  readonly subject: string
  readonly code: string
  readonly says: string
}

/** A workflow keeps no trace of what it refused, so it is written down here. */
export async function auditRefusal(store: Store, refusal: RefusedAct): Promise<void> {
  const { at, team, environment, act, subject, code, says } = refusal
  await store
    .insertInto('audit_event')
    .values({
      at,
      team,
      environment,
      act,
      subject,
      actor: `person:${refusal.person}`,
      digests: '{}',
      detail: jsonText({ code, says }),
    })
    .execute()
}
