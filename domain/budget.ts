// What models may use: whether one more call fits, and what people are told of a budget that is nearly used up.
import { count, dollars, precise } from './text.ts'

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
/** A call that would get less time than this is not begun: hardly any is answered sooner, and all are paid. */
export const leastSeconds = 20
/** What a dollar of a lift is for a model without a price: as many tokens as the default budget of an incident. */
const tokensOfDollar = 400_000

export type Fits =
  /** `milliseconds`: the time that this call may take; `lifted`: what it takes of the lift, dollars. */
  | { readonly fits: true; readonly milliseconds: number; readonly lifted: number }
  | { readonly fits: false; readonly says: string }

/**
 * Whether a call fits whose worst case is this. Time is clipped: a call gets what is left of it. `lift`: dollars that
 * people let this incident have, whatever any budget says, and that it has not used yet; only what no budget has room
 * for takes of it.
 */
export function fitsBudgets(budgets: readonly Budget[], worst: Spent, lift: number): Fits {
  const measures = budgets.flatMap(measuresOf)
  const over = measures.find(({ name, spent, limit }) => {
    return name === 'milliseconds' ? limit - spent < leastSeconds * 1_000 : spent + worst[name] > limit
  })
  if (over === undefined) {
    const left = measures.filter(({ name }) => name === 'milliseconds').map(({ limit, spent }) => limit - spent)
    return { fits: true, milliseconds: Math.min(worst.milliseconds, ...left), lifted: 0 }
  }
  const lifted = ofLift(worst)
  if (lifted <= lift) return { fits: true, milliseconds: worst.milliseconds, lifted }
  return { fits: false, says: `${over.says}, and ${nextSays(over, worst)}. ${liftSays(worst, lift)}` }
}

/** What a call that uses this much takes of a lift, dollars. */
export function ofLift({ dollars: paid, tokens }: Spent): number {
  return paid > 0 ? paid : tokens / tokensOfDollar
}

function nextSays({ name, text }: Measure, worst: Spent): string {
  return name === 'milliseconds'
    ? `no call begins with less than ${leastSeconds} s`
    : `one more call may take ${text(worst[name])}`
}

function liftSays(worst: Spent, lift: number): string {
  const left = lift > 0 ? `Of what it was lifted by ${dollars(lift)} are left. ` : ''
  // To the cent, upwards, but not for what is only a rounding of the machine's.
  const more = Math.ceil((ofLift(worst) - lift) * 100 - 1e-6) / 100
  const free = `: a dollar of it is ${count(tokensOfDollar, 'token')} of a model without a price`
  return `${left}A lift by ${dollars(more)} lets that call be made${worst.dollars > 0 ? '' : free}.`
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
    { name: 'milliseconds', limit: seconds, text: precise },
  ] as const
  return all.flatMap(({ name, limit: most, text }) => {
    if (most === undefined) return []
    const span = scope === 'incident' ? '' : ' in 24 h'
    const says = `${of} has used ${text(spent[name])} of ${text(most)}${span}`
    return [{ key: `${scope} ${name}`, name, spent: spent[name], limit: most, text, says }]
  })
}
