// What a model wants to look at, after code has checked it: only what may be read, asked in typed parts.
import type { ProbeRequest } from './evidence.ts'
import { requestSays } from './evidence.ts'
import type { HostId } from './ids.ts'

/** Questions of one turn that are asked; what is beyond is refused, and said so. */
export const maximumAsks = 16

/** `call`: the model's own name of its call, which the answer goes back under. */
export type Ask = { readonly call: string } & (
  | { readonly kind: 'probe'; readonly host: HostId; readonly request: ProbeRequest }
  /** A named query of the profile; `contains`: literal, for lines. */
  | {
      readonly kind: 'metrics' | 'logs'
      readonly query: string
      readonly contains: string | null
      readonly minutes: number
    }
  | { readonly kind: 'refused'; readonly says: string }
)

/** `unit-status nginx.service on web-01`. */
export function askSays(ask: Ask): string {
  switch (ask.kind) {
    case 'probe':
      return `${requestSays(ask.request)} on ${ask.host}`
    case 'metrics':
    case 'logs':
      return `${ask.kind} ${ask.query}, ${ask.minutes} minutes${ask.contains === null ? '' : `, with “${ask.contains}”`}`
    case 'refused':
      return `refused: ${ask.says}`
  }
}
