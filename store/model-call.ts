// The ledger of models: a row before each call with the worst that it may cost, settled after it.
import { sql, type Transaction } from 'kysely'
import { type Budget, fitsBudgets, newlyTight, ofLift, type Spent } from '../domain/budget.ts'
import type { Turn } from '../domain/diagnosis.ts'
import { Failure } from '../domain/failure.ts'
import type { Reply, Tier } from '../domain/model.ts'
import { tokensOf } from '../domain/price.ts'
import type { BudgetsConfig } from '../runtime/config.ts'
import { readBudgets, readLift } from './budgets.ts'
import type { Store } from './connect.ts'
import type { TurnKey } from './investigation.ts'
import type { Database } from './schema.ts'

type Tx = Transaction<Database>

/** Any number: whoever holds it sums up the ledger, so no two calls take the same rest of a budget. */
const ledgerLock = 7_204_130
/** A call is asked so often at most, whatever came between. */
export const maximumAttempts = 5

export type CallKey = TurnKey & { readonly tier: Tier }

export type Call = CallKey & {
  readonly team: string
  readonly environment: string
  readonly service: string
  readonly agent: string
  readonly model: string
  /** The most that it may come to. */
  readonly worst: Spent
  /** Of what is sent: canonical JSON of the question. `to`: an origin; empty: nobody outside. */
  readonly sent: { readonly bytes: number; readonly digest: string; readonly to: string }
  /** Of the price list: its ISO 8601 date, or `config`. */
  readonly pricedBy: string
}

/** `attempt`: from 1. `lifted`: what it takes of a lift, because no budget has room for it, dollars. */
export type Taken = Spent & { readonly attempt: number; readonly lifted: number }

export type Reserved =
  /** It may be asked, and waited for so long. `reserved`: what `settleCall` takes back. */
  | { readonly kind: 'reserved'; readonly reserved: Taken }
  | { readonly kind: 'answered' }
  | { readonly kind: 'over-budget'; readonly says: string }
  /** It was asked `maximumAttempts` times. `last`: why the last one failed; null: nobody knows of any. */
  | { readonly kind: 'given-up'; readonly last: string | null }

/**
 * Takes the worst case of a call from every budget that it counts against, or from none. A call that was reserved
 * before and never settled counts once more: nobody knows whether it was paid.
 */
export async function reserveCall(store: Store, call: Call, budgets: BudgetsConfig): Promise<Reserved> {
  return store.transaction().execute(async (tx) => {
    await lockLedger(tx)
    const before = await readState(tx, call)
    if (before?.state === 'answered') return { kind: 'answered' }
    if (before?.state === 'reserved') await settleLost(tx, call)
    if (before !== null && before.attempts >= maximumAttempts) {
      return { kind: 'given-up', last: before.refusal }
    }
    const fits = fitsBudgets(await readBudgets(tx, call, budgets), call.worst, await readLift(tx, call))
    if (!fits.fits) return { kind: 'over-budget', says: fits.says }
    const worst = { ...call.worst, milliseconds: fits.milliseconds, lifted: fits.lifted }
    await writeReservation(tx, call, worst)
    const reserved = { ...worst, attempt: (before?.attempts ?? 0) + 1 }
    return { kind: 'reserved', reserved }
  })
}

async function lockLedger(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ledgerLock})`.execute(tx)
}

async function readState(tx: Tx, key: CallKey) {
  const row = await tx
    .selectFrom('model_call')
    .select(['state', 'attempts', 'refusal'])
    .where((eb) => eb.and(idOf(key)))
    .executeTakeFirst()
  return row ?? null
}

/**
 * Whoever asked is gone. Its tokens may be paid, but it can't have taken longer than until now; and it is not open any
 * more, also where it is not asked again.
 */
async function settleLost(tx: Tx, key: CallKey): Promise<void> {
  await tx
    .updateTable('model_call')
    .set({
      state: 'failed',
      milliseconds: sql<string>`least(
        milliseconds, greatest(0, ceil(extract(epoch from now() - reserved_at) * 1000)))`,
      settled_at: sql<Date>`now()`,
    })
    .where((eb) => eb.and(idOf(key)))
    .execute()
}

function idOf({ incident, number, turn, tier }: CallKey) {
  return { incident, number, turn, tier }
}

async function writeReservation(tx: Tx, call: Call, reserved: Omit<Taken, 'attempt'>): Promise<void> {
  const { team, environment, service, agent, model, sent, pricedBy } = call
  const written = { model, sent_bytes: sent.bytes, sent_digest: sent.digest, sent_to: sent.to, priced_by: pricedBy }
  await tx
    .insertInto('model_call')
    .values({ ...idOf(call), team, environment, service, agent, ...written, ...reserved, state: 'reserved' })
    .onConflict((conflict) =>
      conflict.columns(['incident', 'number', 'turn', 'tier']).doUpdateSet({
        ...written,
        state: 'reserved',
        attempts: sql<number>`model_call.attempts + 1`,
        tokens: sql<string>`model_call.tokens + excluded.tokens`,
        dollars: sql<string>`model_call.dollars + excluded.dollars`,
        milliseconds: sql<string>`model_call.milliseconds + excluded.milliseconds`,
        lifted: sql<string>`model_call.lifted + excluded.lifted`,
      }),
    )
    .execute()
}

export type Settled =
  | {
      readonly kind: 'answered'
      readonly usage: Reply['usage']
      readonly dollars: number
      readonly stop: Reply['stop']
      readonly milliseconds: number
    }
  /**
   * `paid`: false where it never reached the model; otherwise its worst case stays. `says`: why, for people: one line,
   * redacted. `milliseconds`: with those until it may be asked again, where its provider named them.
   */
  | { readonly kind: 'failed'; readonly paid: boolean; readonly says: string; readonly milliseconds: number }

/**
 * In the transaction that keeps the answer, so that neither stands without the other. What is answered stays so,
 * however another attempt ends: that only counts. An attempt that is settled already stays as it is.
 */
export async function settleCall(
  tx: Tx,
  call: Call & { readonly reserved: Taken },
  settled: Settled,
  budgets: BudgetsConfig,
): Promise<void> {
  await lockLedger(tx)
  const { reserved } = call
  const used = usedBy(settled, reserved)
  const row = tx.updateTable('model_call').where((eb) => eb.and(idOf(call)))
  const counted = await row
    .where(sql<boolean>`${reserved.attempt}::int <> all(settled)`)
    .set({
      settled: sql<number[]>`settled || ${reserved.attempt}::int`,
      tokens: sql<string>`tokens + ${used.tokens - reserved.tokens}::bigint`,
      dollars: sql<string>`dollars + ${used.dollars - reserved.dollars}::numeric(14, 8)`,
      lifted: sql<string>`lifted + ${(reserved.lifted > 0 ? ofLift(used) : 0) - reserved.lifted}::numeric(14, 8)`,
      // Of an attempt that was taken for lost some was given back already.
      milliseconds: sql<string>`greatest(
        milliseconds + ${used.milliseconds - reserved.milliseconds}::bigint, ${used.milliseconds}::bigint)`,
    })
    .executeTakeFirst()
  if (counted.numUpdatedRows === 0n) return
  // Two attempts may come to their ends in any order: the answer that is kept is the first, and nothing unsays it.
  await row
    .where('state', '<>', 'answered')
    .set({
      state: settled.kind,
      ...(settled.kind === 'answered' ? answerOf(settled) : { refusal: settled.says }),
      settled_at: sql<Date>`now()`,
    })
    .execute()
  const after = await readBudgets(tx, call, budgets)
  const warns = newlyTight(
    after.map((budget) => without(budget, used)),
    after,
  )
  if (warns.length === 0) return
  await row.set({ warns: sql<string>`concat_ws(' ', warns, ${warns.join(' ')}::text)` }).execute()
}

function usedBy(settled: Settled, reserved: Spent): Spent {
  const milliseconds = Math.round(settled.milliseconds)
  if (settled.kind === 'answered') return { tokens: tokensOf(settled.usage), dollars: settled.dollars, milliseconds }
  return settled.paid ? { ...reserved, milliseconds } : { tokens: 0, dollars: 0, milliseconds }
}

function answerOf({ usage, stop }: Extract<Settled, { kind: 'answered' }>) {
  const { input, cacheRead, cacheWrite, output } = usage
  return { input, cache_read: cacheRead, cache_write: cacheWrite, output, stop }
}

function without({ spent, ...budget }: Budget, used: Spent): Budget {
  const { tokens, dollars, milliseconds } = spent
  return {
    ...budget,
    spent: {
      tokens: tokens - used.tokens,
      dollars: dollars - used.dollars,
      milliseconds: milliseconds - used.milliseconds,
    },
  }
}

/** What the models of a turn came to, for its entry; `warns`: budgets that it brought to four fifths. */
export async function readCosts(
  store: Store,
  { incident, number, turn }: TurnKey,
): Promise<{ readonly cost: Turn['cost']; readonly warns: readonly string[] }> {
  const rows = await store
    .selectFrom('model_call')
    .select(['input', 'cache_read', 'cache_write', 'output', 'dollars', 'milliseconds', 'warns'])
    .where('incident', '=', incident)
    .where('number', '=', number)
    .where('turn', '=', turn)
    .orderBy('tier')
    .execute()
  const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((all, row) => all + of(row), 0)
  const cost = {
    input: sum((row) => (row.input ?? 0) + (row.cache_read ?? 0) + (row.cache_write ?? 0)),
    cached: sum((row) => row.cache_read ?? 0),
    output: sum((row) => row.output ?? 0),
    dollars: sum((row) => Number(row.dollars)),
    milliseconds: sum((row) => Number(row.milliseconds)),
  }
  return { cost, warns: rows.flatMap(({ warns }) => warns ?? []) }
}

/** An answered call: by which model, and how it ended. Throws `input.not-found`. */
export async function readCall(
  store: Store,
  key: CallKey,
): Promise<{ readonly model: string; readonly stop: Reply['stop'] }> {
  const row = await store
    .selectFrom('model_call')
    .select(['model', 'stop'])
    .where((eb) => eb.and(idOf(key)))
    .executeTakeFirst()
  if (row !== undefined && row.stop !== null) return { model: row.model, stop: row.stop }
  throw new Failure({ code: 'input.not-found', message: `Turn ${key.turn} of ${key.incident} was not answered.` })
}
