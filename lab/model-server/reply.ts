// An answer, in the protocol that the question came in.
import { anthropicError, anthropicStream, anthropicWhole } from './anthropic-reply.ts'
import type { Protocol } from './heard.ts'
import { openaiError, openaiStream, openaiWhole } from './openai-reply.ts'
import type { Answered, Piece } from './pieces.ts'

export const whole: Readonly<Record<Protocol, (answered: Answered) => string>> = {
  anthropic: anthropicWhole,
  openai: openaiWhole,
}

export const streamed: Readonly<Record<Protocol, (answered: Answered) => readonly Piece[]>> = {
  anthropic: anthropicStream,
  openai: openaiStream,
}

export const wrong: Readonly<Record<Protocol, (status: number, says: string) => string>> = {
  anthropic: anthropicError,
  openai: openaiError,
}
