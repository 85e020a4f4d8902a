// What tries add up to: every share with its numerator, its denominator and its interval; no share of nothing.

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

/** `k` of `n`. `low` and `high`: 95 % by Wilson, or where k is 0 the exact one-sided bound; null where n is 0. */
export type Share = {
  readonly k: number
  readonly n: number
  readonly interval: { readonly low: number; readonly high: number } | null
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
const z95 = 1.959963984540054
const alpha = 0.05

export function shareOf(k: number, n: number): Share {
  if (n === 0) return { k, n, interval: null }
  if (k === 0) return { k, n, interval: { low: 0, high: 1 - alpha ** (1 / n) } }
  const share = k / n
  const squared = z95 * z95
  const middle = share + squared / (2 * n)
  const half = z95 * Math.sqrt((share * (1 - share)) / n + squared / (4 * n * n))
  const whole = 1 + squared / n
  return { k, n, interval: { low: Math.max(0, (middle - half) / whole), high: Math.min(1, (middle + half) / whole) } }
}

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

/** `3 of 3 (44–100 %)`; `none` where there is nothing to take a share of. */
export function shareSays({ k, n, interval }: Share): string {
  if (interval === null) return 'none'
  const { low, high } = interval
  const percent = (share: number): string => `${Math.round(share * 100)}`
  return k === 0 ? `0 of ${n} (< ${Math.ceil(high * 100)} %)` : `${k} of ${n} (${percent(low)}–${percent(high)} %)`
}
