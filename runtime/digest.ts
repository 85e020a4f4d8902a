// Hashes are made here (activities, gateway, catalogue); workflows only compare them.
import { hash } from 'node:crypto'
import { canonicalJson } from '../domain/canonical-json.ts'
import type { Digest } from '../domain/ids.ts'

/** Lower-case hex SHA-256 of the canonical JSON of a value. */
export function digestOf(value: unknown): Digest {
  return sha256(canonicalJson(value))
}

/** Lower-case hex SHA-256 of bytes or UTF-8 text. */
export function sha256(data: string | Uint8Array): Digest {
  return hash('sha256', data, 'hex')
}
