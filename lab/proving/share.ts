// A share of tries with how far it can be trusted.

/** `k` of `n`. `low` and `high`: 95 % by Wilson, or where k is 0 the exact one-sided bound; null where n is 0. */
export type Share = {
  readonly k: number
  readonly n: number
  readonly interval: { readonly low: number; readonly high: number } | null
}

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

/** `3 of 3 (44–100 %)`; `none` where there is nothing to take a share of. */
export function shareSays({ k, n, interval }: Share): string {
  if (interval === null) return 'none'
  const { low, high } = interval
  const percent = (share: number): string => `${Math.round(share * 100)}`
  return k === 0 ? `0 of ${n} (< ${Math.ceil(high * 100)} %)` : `${k} of ${n} (${percent(low)}–${percent(high)} %)`
}
