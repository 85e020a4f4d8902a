// Everything that we hand to Temporal is sealed with AES-256-GCM, so that whoever reaches the server without our key
// can neither read it nor say anything in our name.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import {
  defaultPayloadConverter,
  type DataConverter,
  type Payload,
  type PayloadCodec,
  type SerializationContext,
} from '@temporalio/common'
import protocol from '@temporalio/proto'
import { forged } from '../domain/forged.ts'
import { Failure } from '../domain/failure.ts'
import type { ProcessContext } from './process.ts'

/** Bytes of the key. */
export const payloadKeyBytes = 32

const cipher = 'aes-256-gcm'
const encoding = 'binary/millwright-sealed-1'
const nonceBytes = 12
const tagBytes = 16

const proto = protocol.temporal.api.common.v1.Payload

/** What every client and worker of ours is given. Throws `config.missing` or `config.invalid`. */
export function dataConverterOf({ config, secret }: Pick<ProcessContext, 'config' | 'secret'>): DataConverter {
  if (config.temporal === undefined) throw missingKey()
  return sealedWith(payloadKey(secret(config.temporal.payloadKey)))
}

export function sealedWith(key: Buffer): DataConverter {
  return {
    payloadCodecs: [payloadCodec(key)],
    failureConverterPath: fileURLToPath(new URL('../workflows/failure-converter.ts', import.meta.url)),
  }
}

/** Reads the key's text form. Throws `config.invalid`. */
export function payloadKey(text: string): Buffer {
  const key = Buffer.from(text, 'base64')
  if (key.length === payloadKeyBytes && key.toString('base64') === text) return key
  throw new Failure({
    code: 'config.invalid',
    message: `temporal.payloadKey is not the text of a key: ${payloadKeyBytes} random bytes in base64.`,
    hint: `Make one with: openssl rand -base64 ${payloadKeyBytes}`,
  })
}

export function missingKey(): Failure {
  return new Failure({
    code: 'config.missing',
    message: 'The config has no temporal.payloadKey, so nothing can be handed to the workflow server.',
    hint: 'Make one once with `openssl rand -base64 32`, in a file of mode 0600, and add to the config: temporal: { payloadKey: file:/path }',
  })
}

/**
 * Seals and opens. Each payload is bound to the namespace, to the workflow and, where it is one's, to the activity that
 * it belongs to: moved elsewhere it does not open. What does not open becomes `forged`, never an error: an error while
 * a workflow task is decoded would be tried again for ever.
 */
function payloadCodec(key: Buffer): PayloadCodec {
  const keyId = Buffer.from(createHash('sha256').update(key).digest('hex').slice(0, 16))
  return {
    encode: async (payloads, context) => payloads.map((payload) => seal(key, keyId, payload, context)),
    decode: async (payloads, context) => payloads.map((payload) => open(key, payload, context) ?? refused),
  }
}

const refused: Payload = defaultPayloadConverter.toPayload(forged)

function seal(key: Buffer, keyId: Buffer, payload: Payload, context: SerializationContext | undefined): Payload {
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(boundTo(context))
  const data = Buffer.concat([
    nonce,
    sealing.update(proto.encode(payload).finish()),
    sealing.final(),
    sealing.getAuthTag(),
  ])
  // The key's id is for people who look for the cause: the tag alone decides.
  return { metadata: { encoding: Buffer.from(encoding), 'key-id': keyId }, data }
}

function open(key: Buffer, { metadata, data }: Payload, context: SerializationContext | undefined): Payload | null {
  const named = metadata?.['encoding']
  if (named === undefined || Buffer.from(named).toString() !== encoding) return null
  if (data === undefined || data === null || data.length < nonceBytes + tagBytes) return null
  try {
    const opening = createDecipheriv(cipher, key, data.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(boundTo(context))
      .setAuthTag(data.subarray(data.length - tagBytes))
    const text = Buffer.concat([opening.update(data.subarray(nonceBytes, -tagBytes)), opening.final()])
    return proto.decode(text)
  } catch {
    return null
  }
}

/** What a payload belongs to, as bytes that no other owner has. */
function boundTo(context: SerializationContext | undefined): Buffer {
  const owner =
    context === undefined
      ? []
      : context.type === 'workflow'
        ? [context.namespace, context.workflowId]
        : [context.namespace, context.workflowId ?? null, context.activityId ?? null, context.isLocal]
  return Buffer.from(JSON.stringify([encoding, context?.type ?? null, ...owner]))
}
