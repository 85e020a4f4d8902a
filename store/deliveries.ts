// Deliveries that belong to no incident: tests, what is ignored, and what was refused, kept so that people see why.
import type { Digest, DeliveryId } from '../domain/ids.ts'
import { newId } from '../runtime/ids.ts'
import type { Store } from './connect.ts'
import { storableText } from './text.ts'

/** Characters of a delivery's body that are kept. */
export const bodyKept = 64 * 1024

export type LooseDelivery = {
  readonly source: string
  readonly team: string
  readonly environment: string
  readonly receivedAt: Date
  readonly bodyDigest: Digest
  readonly result: 'ignored' | 'test' | 'rejected'
  /** One sentence for people. */
  readonly says: string
  /** Redacted. */
  readonly body: string
}

/** Keeps it, and answers its id. */
export async function keepDelivery(store: Store, delivery: LooseDelivery): Promise<DeliveryId> {
  const id = newId('del')
  const { source, team, environment, result } = delivery
  await store
    .insertInto('delivery')
    .values({
      id,
      source,
      team,
      environment,
      result,
      received_at: delivery.receivedAt,
      body_digest: delivery.bodyDigest,
      says: storableText(delivery.says).slice(0, 500),
      body: storableText(delivery.body).slice(0, bodyKept),
    })
    .execute()
  return id
}
