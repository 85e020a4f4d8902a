import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares in a time that tells nothing about either: of their hashes, so that their lengths don't matter. */
export function sameSecret(given: string | Uint8Array, expected: string | Uint8Array): boolean {
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(expected).digest())
}
