// Alert sources: one folder each in `integrations/sources/`. The gateway mounts `verify` and `parse` and nothing else
// of them.
import type { z } from 'zod'
import type { Alert } from '../domain/alert.ts'

/** A request as it came in. The body is raw bytes: signatures are over bytes, not over what was parsed. */
export type RawRequest = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export type Verification =
  | { readonly kind: 'verified' }
  /** `says` goes into the response body: Alertmanager prints it in its log. It never repeats a secret. */
  | { readonly kind: 'refused'; readonly says: string }

export type ParsedDelivery =
  | {
      readonly kind: 'alerts'
      /** The source's own identity of the group; part of the incident's identity. */
      readonly groupKey: string
      readonly alerts: readonly Alert[]
      /** How many alerts the source left out. */
      readonly truncated: number
    }
  | { readonly kind: 'test'; readonly says: string }
  | { readonly kind: 'ignored'; readonly says: string }
  /** `pointer` is a JSON pointer to the field; `says` what was expected there. */
  | { readonly kind: 'invalid'; readonly pointer: string; readonly says: string }

export type AlertSource<Config = unknown> = {
  /**
   * Closed schema of this source's block in the config, without the keys that every source has (see
   * `runtime/config.ts`).
   */
  readonly config: z.ZodType<Config>
  /**
   * In constant time; fails closed when no credential is configured. `secret` resolves a `file:` or `env:` reference.
   */
  readonly verify: (request: RawRequest, config: Config, secret: (reference: string) => string) => Verification
  /** Body is already parsed JSON, still hostile. Never throws on bad input; cuts no text that may hold a secret. */
  readonly parse: (body: unknown, config: Config) => ParsedDelivery
}

/** The last moment that the store can tell from another, in milliseconds: the end of the year 9999. */
export const lastMoment = 253_402_300_799_999

const longestLink = 2_048

/** A link of the sender's that people may follow; anything else is null. */
export function linkOf(text: string | undefined): string | null {
  return text !== undefined && text.length <= longestLink && /^https?:\/\//.test(text) && URL.canParse(text)
    ? text
    : null
}
