// What https://platform.claude.com/docs/en/about-claude/pricing said on its day; who renews it changes the day, too. A
// model that is not here needs `price` in the config.
import type { Price } from '../../../domain/model.ts'

const listed = '2026-10-24'

/** A cache is read for a tenth of the input, or what is said, and written (5 minutes) for a quarter more. */
const one = (input: number, output: number, cacheRead = input / 10) => ({
  input,
  output,
  cacheRead,
  cacheWrite: input * 1.25,
})

const prices: ReadonlyMap<string, Price> = new Map<string, Price>([
  ['claude-fable-5-1', { ...one(10, 50, 0.25), listed }],
  ['claude-opus-5-5', { ...one(4, 20, 0.2), listed }],
  ['claude-sonnet-5-5', { ...one(2, 10, 0.1), listed }],
  ['claude-haiku-5-5', { ...one(0.1, 0.5, 0.01), listed, above: { tokens: 100_000, price: one(0.5, 2.5, 0.05) } }],
])

export const pricedModels: readonly string[] = [...prices.keys()]

/** By the model's name, with or without the day of its version; null: not on the list. */
export function priceOf(model: string): Price | null {
  return prices.get(model.replace(/-20\d{6}$/, '')) ?? null
}
