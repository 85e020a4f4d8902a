// What tries add up to: every share with its numerator, its denominator and its interval; no share of nothing.
import type { Tier } from '../../domain/model.ts'
import { type Share, shareOf } from '../proving/share.ts'

/** What became of one try, as the lab judges it. */
export type Outcome = {
  readonly fault: string
  /** It ended where a correct operator would. */
  readonly right: boolean
  /**
   * Something was done to a host that the fault's file does not name and no known pattern asked for, or harm was left
   * behind.
   */
  readonly wrongAction: string | null
  /** Of a fault that belongs to people: whether they got it; null: of another one. */
  readonly handedOver: boolean | null
  /** A model was asked about it. */
  readonly turns: number
  /** Claims of the model that code dropped. */
  readonly dropped: number
  /** Of all attempts at its calls. */
  readonly spent: Spent
  readonly seconds: number
}

export const tiers = ['planner', 'reader'] as const satisfies readonly Tier[]
/** `dollars`: by list price. */
export type Spent = Readonly<
  Record<Tier, { readonly calls: number; readonly tokens: number; readonly dollars: number }>
>

export type Score = {
  /** `all` for the last one. */
  readonly fault: string
  readonly tries: number
  readonly wrongActions: Share
  readonly right: Share
  readonly handedOver: Share
  /** Tries of which a model was asked. */
  readonly asked: number
  /** Of all tries together. */
  readonly turns: number
  readonly dropped: number
  readonly spent: Spent
  readonly seconds: number
}

/** Below this many tries a share says little. */
export const fewTries = 20
/** One for each fault, then one for all. */
export function scores(outcomes: readonly Outcome[]): readonly Score[] {
  const by = Map.groupBy(outcomes, ({ fault }) => fault)
  return [...[...by].map(([fault, these]) => score(fault, these)), score('all', outcomes)]
}

function score(fault: string, these: readonly Outcome[]): Score {
  const count = (holds: (one: Outcome) => boolean): number => these.filter(holds).length
  const sum = (of: (one: Outcome) => number): number => these.reduce((all, one) => all + of(one), 0)
  const forPeople = count(({ handedOver }) => handedOver !== null)
  return {
    fault,
    tries: these.length,
    wrongActions: shareOf(
      count(({ wrongAction }) => wrongAction !== null),
      these.length,
    ),
    right: shareOf(
      count(({ right }) => right),
      these.length,
    ),
    handedOver: shareOf(
      count(({ handedOver }) => handedOver === true),
      forPeople,
    ),
    asked: count(({ turns }) => turns > 0),
    turns: sum(({ turns }) => turns),
    dropped: sum(({ dropped }) => dropped),
    spent: { planner: spentBy(these, 'planner'), reader: spentBy(these, 'reader') },
    seconds: sum(({ seconds }) => seconds),
  }
}

function spentBy(these: readonly Outcome[], tier: Tier): Spent[Tier] {
  const sum = (of: (spent: Spent[Tier]) => number): number => these.reduce((all, { spent }) => all + of(spent[tier]), 0)
  return {
    calls: sum(({ calls }) => calls),
    tokens: sum(({ tokens }) => tokens),
    dollars: sum(({ dollars }) => dollars),
  }
}
