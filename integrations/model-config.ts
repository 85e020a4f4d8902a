// What the blocks of all models have in common.
import { z } from 'zod'
import type { Price } from '../domain/model.ts'

/** Whom it asks. What proves who we are never stands in an address. */
export const ModelUrl = z
  .url({ protocol: /^https?$/ })
  .refine(isPlain, 'expected an address without name, password, query and fragment')

const Dollars = z.number().nonnegative()

/** Dollars for a million tokens, where no list knows the model. What is not named costs as much as `input`. */
export const ModelPrice = z
  .strictObject({
    input: Dollars,
    output: Dollars,
    cacheRead: Dollars.optional(),
    cacheWrite: Dollars.optional(),
  })
  .transform(({ input, output, cacheRead = input, cacheWrite = input }): Price => ({
    input,
    output,
    cacheRead,
    cacheWrite,
    listed: 'config',
  }))

function isPlain(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && [url.username, url.password, url.search, url.hash].every((part) => part === '')
}
