// The ledger of models: a row before each call with the worst that it may cost, settled after it.
import { sql, type Transaction } from 'kysely'
import { type Budget, budgetScopes, fitsBudgets, newlyTight, type Spent } from '../domain/budget.ts'
import type { Turn } from '../domain/diagnosis.ts'
import { Failure } from '../domain/failure.ts'
import type { Reply, Tier } from '../domain/model.ts'
import { tokensOf } from '../domain/price.ts'
import type { BudgetsConfig } from '../runtime/config.ts'
import type { Store } from './connect.ts'
import type { TurnKey } from './investigation.ts'
import type { Database } from './schema.ts'

type Tx = Transaction<Database>

/** Any number: whoever holds it sums up the ledger, so no two calls take the same rest of a budget. */
const ledgerLock = 7_204_130
/** A call is asked so often at most, whatever came between. */
export const maximumAttempts = 5
/** What the budgets of services, teams, agents and days count, hours. */
const windowHours = 24

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

export type Reserved =
  /** It may be asked, and waited for so long. `reserved`: what `settleCall` takes back. */
  | { readonly kind: 'reserved'; readonly reserved: Spent }
  | { readonly kind: 'answered' }
  | { readonly kind: 'over-budget'; readonly says: string }
  /** It was asked `maximumAttempts` times. */
  | { readonly kind: 'given-up' }

/**
 * Takes the worst case of a call from every budget that it counts against, or from none. A call that was reserved
 * before and never settled counts once more: nobody knows whether it was paid.
 */
export async function reserveCall(store: Store, call: Call, budgets: BudgetsConfig): Promise<Reserved> {
  return store.transaction().execute(async (tx) => {
    await lockLedger(tx)
    const before = await readState(tx, call)
    if (before?.state === 'answered') return { kind: 'answered' }
    if (before !== null && before.attempts >= maximumAttempts) return { kind: 'given-up' }
    if (before?.state === 'reserved') await clipTime(tx, call)
    const fits = fitsBudgets(await readBudgets(tx, call, budgets), call.worst, await liftedLeft(tx, call))
    if (!fits.fits) return { kind: 'over-budget', says: fits.says }
    const reserved = { ...call.worst, milliseconds: fits.milliseconds }
    await writeReservation(tx, call, reserved)
    return { kind: 'reserved', reserved }
  })
}

async function lockLedger(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ledgerLock})`.execute(tx)
}

async function readState(tx: Tx, key: CallKey) {
  const row = await tx
    .selectFrom('model_call')
    .select(['state', 'attempts'])
    .where((eb) => eb.and(idOf(key)))
    .executeTakeFirst()
  return row ?? null
}

/** Whoever asked is gone. Its tokens may be paid, but it can't have taken longer than until now. */
async function clipTime(tx: Tx, key: CallKey): Promise<void> {
  await tx
    .updateTable('model_call')
    .set({ milliseconds: sql<string>`least(milliseconds, ceil(extract(epoch from now() - reserved_at) * 1000))` })
    .where((eb) => eb.and(idOf(key)))
    .execute()
}

function idOf({ incident, number, turn, tier }: CallKey) {
  return { incident, number, turn, tier }
}

async function writeReservation(tx: Tx, call: Call, reserved: Spent): Promise<void> {
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
  /** `paid`: false where it never reached the model; otherwise its worst case stays. */
  | { readonly kind: 'failed'; readonly paid: boolean; readonly milliseconds: number }

/**
 * In the transaction that keeps the answer, so that neither stands without the other. What is answered stays so, however
 * another attempt ends: that only counts.
 */
export async function settleCall(
  tx: Tx,
  call: Call & { readonly reserved: Spent },
  settled: Settled,
  budgets: BudgetsConfig,
): Promise<void> {
  await lockLedger(tx)
  const { reserved } = call
  const used = usedBy(settled, reserved)
  const row = tx.updateTable('model_call').where((eb) => eb.and(idOf(call)))
  await row
    .set({
      tokens: sql<string>`tokens + ${used.tokens - reserved.tokens}::bigint`,
      dollars: sql<string>`dollars + ${used.dollars - reserved.dollars}::numeric(14, 8)`,
      // Of an attempt that was taken for lost some was given back already.
      milliseconds: sql<string>`greatest(
        milliseconds + ${used.milliseconds - reserved.milliseconds}::bigint, ${used.milliseconds}::bigint)`,
    })
    .execute()
  // Two attempts may come to their ends in any order: the answer that is kept is the first, and nothing unsays it.
  await row
    .where('state', '<>', 'answered')
    .set({
      state: settled.kind,
      ...(settled.kind === 'answered' ? answerOf(settled) : {}),
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

/** Every budget that a call counts against, with what the ledger says was used of it. */
async function readBudgets(tx: Tx, call: Call, limits: BudgetsConfig): Promise<readonly Budget[]> {
  const { incident, service, team, agent } = call
  const { rows } = await sql<Record<keyof Spent | 'scope', string>>`
    with calls as (
      select *, reserved_at > now() - make_interval(hours => ${windowHours}) as recent from model_call
      where reserved_at > now() - make_interval(hours => ${windowHours}) or incident = ${incident})
    select scope, sum(tokens) as tokens, sum(dollars) as dollars, sum(milliseconds) as milliseconds
    from calls, lateral (values
      ('incident', incident = ${incident}),
      ('service', recent and service = ${service}),
      ('team', recent and team = ${team}),
      ('agent', recent and agent = ${agent}),
      ('day', recent)) as counted (scope, here)
    where here group by scope`.execute(tx)
  const names = {
    incident: 'This incident',
    service: `The service ${service}`,
    team: `The team ${team}`,
    agent: `The agent ${agent}`,
    day: 'All of Millwright',
  } as const
  return budgetScopes.map((scope) => {
    const sum = rows.find((row) => row.scope === scope)
    const spent = {
      tokens: Number(sum?.tokens ?? 0),
      dollars: Number(sum?.dollars ?? 0),
      milliseconds: Number(sum?.milliseconds ?? 0),
    }
    return { scope, of: names[scope], limit: limits[scope], spent }
  })
}

/** Dollars that people let this incident have beyond its budgets, less what it has used since the first of them. */
async function liftedLeft(tx: Tx, { incident }: CallKey): Promise<number> {
  const { rows } = await sql<{ left: string }>`
    with lifts as (select sum(dollars) as dollars, min(at) as since from budget_lift where incident = ${incident})
    select coalesce(dollars, 0) - (select coalesce(sum(c.dollars), 0) from model_call c
      where c.incident = ${incident} and c.reserved_at >= lifts.since) as left
    from lifts`.execute(tx)
  return Number(rows[0]?.left ?? 0)
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
