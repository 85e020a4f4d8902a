// What models may use: whether one more call fits, and what people are told of a budget that is nearly used up.
import { count, dollars, duration } from './text.ts'

/** In the order in which they are told; `incident`: all its investigations; the others count 24 hours. */
export const budgetScopes = ['incident', 'service', 'team', 'agent', 'day'] as const
type BudgetScope = (typeof budgetScopes)[number]

export type Spent = { readonly tokens: number; readonly dollars: number; readonly milliseconds: number }

export const nothingSpent: Spent = { tokens: 0, dollars: 0, milliseconds: 0 }

/** What is not named has no limit. */
export type SpendingLimit = {
  readonly tokens?: number | undefined
  readonly dollars?: number | undefined
  readonly seconds?: number | undefined
}

/** `of`: whose it is, for people: `The team web`. */
export type Budget = {
  readonly scope: BudgetScope
  readonly of: string
  readonly limit: SpendingLimit
  readonly spent: Spent
}

/** Told to people once a budget is used up so far. */
const tightShare = 0.8
/** A call that would get less time than this is not begun. */
const leastMilliseconds = 1_000

export type Fits =
  /** `milliseconds`: the time that this call may take. */
  { readonly fits: true; readonly milliseconds: number } | { readonly fits: false; readonly says: string }

/**
 * Whether a call fits whose worst case is this. Time is clipped: a call gets what is left of it. `lifted`: dollars that
 * people let this incident have, whatever any budget says, and that it has not used yet.
 */
export function fitsBudgets(budgets: readonly Budget[], worst: Spent, lifted: number): Fits {
  const measures = budgets.flatMap(measuresOf)
  const over = measures.find(({ name, spent, limit }) => {
    return name === 'milliseconds' ? limit - spent < leastMilliseconds : spent + worst[name] > limit
  })
  if (over === undefined) {
    const left = measures.filter(({ name }) => name === 'milliseconds').map(({ limit, spent }) => limit - spent)
    return { fits: true, milliseconds: Math.min(worst.milliseconds, ...left) }
  }
  if (lifted > 0 && worst.dollars <= lifted) return { fits: true, milliseconds: worst.milliseconds }
  const next = over.name === 'milliseconds' ? '' : `, and one more call may take ${over.text(worst[over.name])}`
  const purse = lifted > 0 ? ` Of what it was lifted by ${dollars(lifted)} are left.` : ''
  return { fits: false, says: `${over.says}${next}.${purse}` }
}

/** What is used up to four fifths after a call and was not before it, each as a sentence. */
export function newlyTight(before: readonly Budget[], after: readonly Budget[]): readonly string[] {
  const was = new Set(before.flatMap(tightOf).map(({ key }) => key))
  const now = after.flatMap(tightOf).filter(({ key }) => !was.has(key))
  return now.map(({ says }) => `${says}.`)
}

type Measure = {
  readonly key: string
  readonly name: keyof Spent
  readonly spent: number
  readonly limit: number
  readonly text: (amount: number) => string
  readonly says: string
}

function tightOf(budget: Budget): readonly Measure[] {
  return measuresOf(budget).filter(({ spent, limit }) => spent >= limit * tightShare)
}

function measuresOf({ scope, of, limit, spent }: Budget): readonly Measure[] {
  const seconds = limit.seconds === undefined ? undefined : limit.seconds * 1_000
  const all = [
    { name: 'tokens', limit: limit.tokens, text: (amount: number) => count(amount, 'token') },
    { name: 'dollars', limit: limit.dollars, text: dollars },
    { name: 'milliseconds', limit: seconds, text: duration },
  ] as const
  return all.flatMap(({ name, limit: most, text }) => {
    if (most === undefined) return []
    const span = scope === 'incident' ? '' : ' in 24 h'
    const says = `${of} has used ${text(spent[name])} of ${text(most)}${span}`
    return [{ key: `${scope} ${name}`, name, spent: spent[name], limit: most, text, says }]
  })
}
