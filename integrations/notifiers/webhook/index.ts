// A signed webhook as Standard Webhooks describes it: the receiver checks id, time and body with a shared secret.
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { Failure } from '../../../domain/failure.ts'
import { SecretReference } from '../../../runtime/config.ts'
import { postJson } from '../../../runtime/post-json.ts'
import type { Delivered, Notification, Notifier } from '../../notifier.ts'

const Config = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** At least 24 bytes; written `whsec_<base64>` as the standard does, or as it is. */
  secret: SecretReference,
})
type Config = z.infer<typeof Config>

const shortestSecret = 24

async function notify(
  notification: Notification,
  config: Config,
  { secret, signal }: { secret: (reference: string) => string; signal: AbortSignal },
): Promise<Delivered> {
  const { kind, at } = notification
  const body = JSON.stringify({ type: `millwright.${kind}`, timestamp: at, data: notification })
  const id = notification.key
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const signature = createHmac('sha256', keyOf(config, secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
  return postJson({ url: config.url, body, headers, signal })
}

function keyOf(config: Config, secret: (reference: string) => string): Buffer {
  const text = secret(config.secret).trim()
  const key = text.startsWith('whsec_') ? Buffer.from(text.slice('whsec_'.length), 'base64') : Buffer.from(text)
  if (key.byteLength >= shortestSecret) return key
  throw new Failure({
    code: 'config.invalid',
    message: `The secret ${config.secret} is shorter than ${shortestSecret} bytes.`,
    hint: 'Make one: openssl rand -base64 32',
  })
}

export default { config: Config, notify } satisfies Notifier<Config>
