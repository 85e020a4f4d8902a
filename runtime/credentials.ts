// Credentials of those who send to us and of those whom we call, from references in the config.
import { z } from 'zod'
import { Failure } from '../domain/failure.ts'
import { SecretReference } from './config.ts'

type Secret = (reference: string) => string

/** Two at a time while one is replaced by the other. */
export const RotatingSecret = z.union([
  SecretReference.transform((one) => [one]),
  z.array(SecretReference).min(1).max(2),
])

/** Without white space around it. Throws `config.invalid` where nothing is left. */
export function secretText(reference: string, secret: Secret): string {
  const text = secret(reference).trim()
  if (text !== '') return text
  throw new Failure({ code: 'config.invalid', message: `The secret ${reference} is empty.` })
}

/** What stands behind `Basic` in the header `Authorization`. */
export function basicCredential(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64')
}

type Access = {
  readonly bearer?: string | undefined
  readonly basic?: { readonly username: string; readonly password: string } | undefined
}

/** The header `Authorization` for one of the two references; null where there is none. */
export function authorizationOf({ bearer, basic }: Access, secret: Secret): string | null {
  if (bearer !== undefined) return `Bearer ${secret(bearer)}`
  return basic === undefined ? null : `Basic ${basicCredential(basic.username, secret(basic.password))}`
}
