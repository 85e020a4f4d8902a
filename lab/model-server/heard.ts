// What the scripted model server makes of a request, whichever protocol it came in, and what it may answer.
import type { Question, Stop } from '../../domain/model.ts'

export const protocols = ['anthropic', 'openai'] as const
export type Protocol = (typeof protocols)[number]

/** A piece of the prompt in the order in which providers cache it: tools, system, messages. */
export type Block = {
  /** Its JSON without marks for the cache; these bytes are what a prefix is compared by. */
  readonly bytes: string
  /** What is cached ends here. */
  readonly breakpoint: boolean
  /** The number of messages by the assistant up to here. */
  readonly answers: number
}

export type Heard = {
  readonly protocol: Protocol
  readonly model: string
  /** As it was shown. */
  readonly key: string
  readonly stream: boolean
  /** With a last chunk for the usage; the OpenAI protocol sends it only where it is asked for. */
  readonly wantsUsage: boolean
  readonly question: Question
  readonly blocks: readonly Block[]
}

/** `input`: JSON text as the model wrote it, which need not be JSON. */
export type Called = { readonly name: string; readonly input: string }

export type Said =
  | { readonly kind: 'answer'; readonly text: string; readonly calls: readonly Called[]; readonly stop: Stop }
  | { readonly kind: 'trouble'; readonly status: 429 | 500 | 529; readonly retryAfterSeconds: number }

/** As the server counts; `cacheRead` and `cacheWrite` are not in `input`. */
export type { Usage } from '../../domain/model.ts'

/** A request that a real server refuses, with the status and the sentence that it would say. */
export type Refused = { readonly status: 400 | 401 | 404 | 413; readonly says: string }

/** The one rule by which everything is counted: four bytes are a token. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken)
}

export const bytesPerToken = 4
