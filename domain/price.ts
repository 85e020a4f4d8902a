// What a call costs by list price, and what it may cost at worst.
import type { Price, Usage } from './model.ts'

type Rates = Omit<Price, 'listed' | 'above'>

/** All tokens of a usage, in and out. */
export function tokensOf({ input, cacheRead, cacheWrite, output }: Usage): number {
  return input + cacheRead + cacheWrite + output
}

/** Dollars. */
export function dollarsOf(price: Price, usage: Usage): number {
  const rates = ratesFor(price, tokensOf(usage) - usage.output)
  const { input, cacheRead, cacheWrite, output } = usage
  const millionths =
    input * rates.input + cacheRead * rates.cacheRead + cacheWrite * rates.cacheWrite + output * rates.output
  return millionths / 1_000_000
}

/** Dollars of so many tokens, each at the dearest rate that can be asked for it. */
export function worstDollarsOf(price: Price, tokens: { readonly input: number; readonly output: number }): number {
  const all = [price, ...(price.above === undefined ? [] : [price.above.price])]
  const input = Math.max(...all.flatMap((rates) => [rates.input, rates.cacheRead, rates.cacheWrite]))
  const output = Math.max(...all.map((rates) => rates.output))
  return (tokens.input * input + tokens.output * output) / 1_000_000
}

function ratesFor(price: Price, tokensIn: number): Rates {
  return price.above !== undefined && tokensIn > price.above.tokens ? price.above.price : price
}
