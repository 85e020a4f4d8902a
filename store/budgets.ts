// What the ledger says was used of the budgets, and what people let an incident have beyond them.
import { sql, type Transaction } from 'kysely'
import { type Budget, budgetScopes, type Spent } from '../domain/budget.ts'
import type { BudgetsConfig } from '../runtime/config.ts'
import type { Call } from './model-call.ts'
import type { Database } from './schema.ts'

type Tx = Transaction<Database>

/** What the budgets of services, teams, agents and days count, hours. */
const windowHours = 24

/** Every budget that a call counts against, with what the ledger says was used of it. */
export async function readBudgets(tx: Tx, call: Call, limits: BudgetsConfig): Promise<readonly Budget[]> {
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

/** Dollars that people let this incident have beyond its budgets, less what its calls took of them. */
export async function readLift(tx: Tx, { incident }: Pick<Call, 'incident'>): Promise<number> {
  const { rows } = await sql<{ left: string }>`select
    (select coalesce(sum(dollars), 0) from budget_lift where incident = ${incident}) -
    (select coalesce(sum(lifted), 0) from model_call where incident = ${incident}) as left`.execute(tx)
  return Number(rows[0]?.left ?? 0)
}
