// What tries add up to: every share with its numerator, its denominator and its interval; no share of nothing.
import { type Share, shareOf } from '../proving/share.ts'

/** What became of one try, as the lab judges it. */
export type Outcome = {
  readonly fault: string
  /** It ended where a correct operator would. */
  readonly right: boolean
  /** Something was done to a host that the fault's file does not name, or harm was left behind. */
  readonly wrongAction: string | null
  /** Of a fault that belongs to people: whether they got it; null: of another one. */
  readonly handedOver: boolean | null
  /** A model was asked about it. */
  readonly turns: number
  /** Claims of the model that code dropped. */
  readonly dropped: number
  readonly tokens: number
  /** By list price. */
  readonly dollars: number
  readonly seconds: number
}

export type Score = {
  /** `all` for the last one. */
  readonly fault: string
  readonly tries: number
  readonly right: Share
  readonly wrongActions: Share
  readonly handedOver: Share
  /** Tries of which a model was asked. */
  readonly asked: number
  /** Of all tries together. */
  readonly turns: number
  readonly dropped: number
  readonly tokens: number
  readonly dollars: number
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
    right: shareOf(
      count(({ right }) => right),
      these.length,
    ),
    wrongActions: shareOf(
      count(({ wrongAction }) => wrongAction !== null),
      these.length,
    ),
    handedOver: shareOf(
      count(({ handedOver }) => handedOver === true),
      forPeople,
    ),
    asked: count(({ turns }) => turns > 0),
    turns: sum(({ turns }) => turns),
    dropped: sum(({ dropped }) => dropped),
    tokens: sum(({ tokens }) => tokens),
    dollars: sum(({ dollars }) => dollars),
    seconds: sum(({ seconds }) => seconds),
  }
}
