// What an investigation cost and what was written of it, read from outside, and what about it is not as it must be.
import { sql } from 'kysely'
import type { Store } from '../../store/connect.ts'

/** Of one investigation. */
export type Budget = {
  readonly turns: number
  readonly tokens: number
  readonly dollars: number
  readonly seconds: number
}

export type LedgerCall = {
  readonly investigation: number
  readonly turn: number
  readonly tier: 'planner' | 'reader'
  readonly state: 'reserved' | 'answered' | 'failed'
  readonly attempts: number
  readonly tokens: number
  readonly dollars: number
  readonly milliseconds: number
  readonly service: string
}

type Turn = { readonly investigation: number; readonly turn: number }

export type Ledger = {
  readonly calls: readonly LedgerCall[]
  /** Answers that code judged. */
  readonly judged: readonly Turn[]
  /** Turns that the timeline tells, in its order. */
  readonly told: readonly Turn[]
}

export async function readLedger(store: Store, incident: string): Promise<Ledger> {
  const calls = await store
    .selectFrom('model_call')
    .select(['number', 'turn', 'tier', 'state', 'attempts', 'tokens', 'dollars', 'milliseconds', 'service'])
    .where(sql`incident`, '=', incident)
    .orderBy('number')
    .orderBy('turn')
    .execute()
  const judged = await store
    .selectFrom('investigation_turn')
    .select(['number', 'turn'])
    .where(sql`incident`, '=', incident)
    .orderBy('number')
    .orderBy('turn')
    .execute()
  const story = await store
    .selectFrom('timeline')
    .select('entry')
    .where(sql`incident`, '=', incident)
    .orderBy('sequence')
    .execute()
  return {
    calls: calls.map(({ number, tokens, dollars, milliseconds, ...call }) => ({
      ...call,
      investigation: number,
      tokens: Number(tokens),
      dollars: Number(dollars),
      milliseconds: Number(milliseconds),
    })),
    judged: judged.map(({ number, turn }) => ({ investigation: number, turn })),
    told: story.flatMap(({ entry }) =>
      entry.kind === 'turn' ? [{ investigation: entry.investigation, turn: entry.turn }] : [],
    ),
  }
}

/** One sentence; null: budgets held to within one call, and everything is written down once. */
export function ledgerProblem({ calls, judged, told }: Ledger, host: string, budget: Budget): string | null {
  const foreign = calls.find(({ service }) => service !== host && !service.startsWith(`${host}/`))
  if (foreign !== undefined) return `A call counts against ${foreign.service}, which is not on ${host}.`
  const open = calls.find(({ state }) => state === 'reserved')
  if (open !== undefined) return `${nameOf(open)} was never settled.`
  for (const [investigation, these] of Map.groupBy(calls, (call) => call.investigation)) {
    const problem = spendingProblem(these, budget)
    if (problem !== null) return `In investigation ${investigation} ${problem}`
  }
  const answered = calls.filter(({ tier, state }) => tier === 'planner' && state === 'answered')
  if (listed(answered) !== listed(judged)) {
    return `Answered were the turns ${listed(answered)}, and judged ${listed(judged)}.`
  }
  return listed(told) === listed(judged)
    ? null
    : `Judged were the turns ${listed(judged)}, and the timeline tells ${listed(told)}.`
}

const measures = ['tokens', 'dollars', 'milliseconds'] as const

function spendingProblem(calls: readonly LedgerCall[], budget: Budget): string | null {
  const turns = calls.filter(({ tier }) => tier === 'planner').map(({ turn }) => turn)
  if (turns.some((turn, at) => turn !== at + 1)) return `the turns are ${turns.join(', ')}.`
  if (turns.length > budget.turns) return `the planner was asked in ${turns.length} turns.`
  const limits = { ...budget, milliseconds: budget.seconds * 1_000 }
  for (const measure of measures) {
    const each = calls.map((call) => call[measure])
    const spent = each.reduce((sum, one) => sum + one, 0)
    if (spent > limits[measure] + Math.max(...each)) return `${spent} ${measure} were spent.`
  }
  return null
}

function nameOf({ tier, turn }: LedgerCall): string {
  return `The ${tier}’s call of turn ${turn}`
}

function listed(turns: readonly Turn[]): string {
  return turns.length === 0 ? 'none' : turns.map(({ investigation, turn }) => `${investigation}.${turn}`).join(', ')
}

/** Requests that calls stand for; one that was lost before it was sent is none. */
export function attemptsOf(calls: readonly LedgerCall[], tier: LedgerCall['tier']): number {
  return calls.reduce((sum, call) => sum + (call.tier === tier ? call.attempts : 0), 0)
}
