// Notifiers: one folder each in `integrations/notifiers/`. Delivery is retried by the outbox (`gateway/outbox.ts`),
// never in here.
import type { z } from 'zod'

/** What people are told. A notifier renders it; it adds nothing. */
export type Notification = {
  /** Stable per incident and reason: a repeat with the same key is the same message. */
  readonly key: string
  /**
   * `snoozed`: somebody put the reminder off; it still waits, and `needs-you` comes again. `notice`: nobody has to do
   * anything now, and nothing that waits is answered by it.
   */
  readonly kind: 'needs-you' | 'handled' | 'snoozed' | 'notice'
  readonly incident: {
    readonly id: string
    readonly number: number
    readonly title: string
    readonly severity: string | null
  }
  readonly team: string
  readonly environment: string
  /** One line, safe for chat: redacted, no control characters. */
  readonly summary: string
  /** Absolute address of the incident's page. */
  readonly url: string
  readonly labels: Readonly<Record<string, string>>
  /** ISO 8601. */
  readonly at: string
}

/** Did it fail, and is it worth trying again. */
export type Delivered =
  /** `againSeconds`: send it again after so long, until the incident is handled; for a receiver that forgets. */
  | { readonly kind: 'sent'; readonly againSeconds?: number }
  | { readonly kind: 'failed'; readonly retry: boolean; readonly says: string }

export type Notifier<Config = unknown> = {
  readonly config: z.ZodType<Config>
  readonly notify: (
    notification: Notification,
    config: Config,
    tools: { readonly secret: (reference: string) => string; readonly signal: AbortSignal },
  ) => Promise<Delivered>
}
