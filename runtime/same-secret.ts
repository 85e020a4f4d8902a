import { hash, timingSafeEqual } from 'node:crypto'

/** Compares in a time that tells nothing about either: of their hashes, so that their lengths don't matter. */
export function sameSecret(given: string | Uint8Array, expected: string | Uint8Array): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'))
}
