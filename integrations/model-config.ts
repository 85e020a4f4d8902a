// What the blocks of all models have in common.
import { z } from 'zod'
import type { Price } from '../domain/model.ts'
import { isLoopback } from '../runtime/exposure.ts'

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

type Asked = { readonly url: string; readonly key?: string | undefined }

/** A key goes with each request: unencrypted to nobody but this machine itself. */
export function hidesKey({ url, key }: Asked): boolean {
  const asked = URL.parse(url)
  // That it is no address is said of its own key.
  return key === undefined || asked === null || asked.protocol === 'https:' || isLoopback(asked.hostname)
}

export const showsKey = {
  path: ['url'],
  message: 'would show the key to whoever listens on the way; write https, or leave `key` out',
}

function isPlain(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && [url.username, url.password, url.search, url.hash].every((part) => part === '')
}
