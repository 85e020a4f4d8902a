// Who sent it: a bearer token, or a signature over the raw bytes and the time, which is worth nothing five minutes
// later.
import { createHmac } from 'node:crypto'
import { secretText } from '../../../runtime/credentials.ts'
import { sameSecret } from '../../../runtime/same-secret.ts'
import type { RawRequest, Verification } from '../../source.ts'

type Secret = (reference: string) => string

/** How far the sender's clock may be from ours, and how long a request can be replayed. */
const windowSeconds = 300
/** More signatures in one header than any rotation needs. */
const mostSignatures = 5

export function verifyBearer({ headers }: RawRequest, references: readonly string[], secret: Secret): Verification {
  const expected = references.map((reference) => secretText(reference, secret))
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers['authorization'] ?? '') ?? []
  if (token === undefined) return refused('authorization', 'none came')
  return matches([token], expected)
    ? { kind: 'verified' }
    : refused('authorization', 'its value is not the one of this source')
}

export type SignatureHeaders = { readonly signature: string; readonly timestamp: string }

export function verifySignature(
  request: RawRequest,
  references: readonly string[],
  names: SignatureHeaders | null,
  secret: Secret,
): Verification {
  const texts = references.map((reference) => secretText(reference, secret))
  const { signature, timestamp } = names ?? { signature: 'webhook-signature', timestamp: 'webhook-timestamp' }
  const given = request.headers[signature]
  const time = request.headers[timestamp]
  if (given === undefined) return refused(signature, 'none came')
  if (time === undefined || !/^\d{1,12}$/.test(time)) return refused(timestamp, 'no time in whole seconds came')
  if (Math.abs(Date.now() / 1_000 - Number(time)) > windowSeconds) {
    return refused(timestamp, `it is more than ${windowSeconds} seconds from our clock`)
  }
  const verified = names === null ? standard(request, time, given, texts) : hex(request, time, given, texts)
  return verified ? { kind: 'verified' } : refused(signature, 'it does not fit this body and this source')
}

/** `v1,<base64>` over `<id>.<timestamp>.<body>`; several of them, divided by spaces, while a secret is replaced. */
function standard({ headers, body }: RawRequest, time: string, given: string, texts: readonly string[]): boolean {
  const expected = texts.map((text) => {
    const key = text.startsWith('whsec_') ? Buffer.from(text.slice('whsec_'.length), 'base64') : text
    return createHmac('sha256', key)
      .update(`${headers['webhook-id'] ?? ''}.${time}.`)
      .update(body)
      .digest('base64')
  })
  const signatures = given.split(' ').slice(0, mostSignatures)
  return matches(
    signatures.flatMap((one) => (one.startsWith('v1,') ? one.slice('v1,'.length) : [])),
    expected,
  )
}

function hex({ body }: RawRequest, time: string, given: string, texts: readonly string[]): boolean {
  return matches(
    [given],
    texts.map((text) => createHmac('sha256', text).update(`${time}:`).update(body).digest('hex')),
  )
}

/** All are compared, so that the time does not tell which one it was. */
function matches(given: readonly string[], expected: readonly string[]): boolean {
  return given.flatMap((one) => expected.map((other) => sameSecret(one, other))).filter(Boolean).length > 0
}

function refused(header: string, what: string): Verification {
  return { kind: 'refused', says: `Expected the header "${header}" of this source, and ${what}.` }
}
