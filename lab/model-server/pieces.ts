// An answer on its way out, and what both protocols do alike with it.
import { randomBytes } from 'node:crypto'
import type { Said, Usage } from './heard.ts'

export type Answered = {
  readonly model: string
  readonly said: Extract<Said, { kind: 'answer' }>
  readonly usage: Usage
  readonly wantsUsage: boolean
}

/** Some bytes of a stream. */
export type Piece = { readonly text: string }

const pieceCharacters = 200

/** As the stream cuts it. */
export function piecesOf(text: string): readonly string[] {
  const count = Math.ceil(text.length / pieceCharacters)
  return Array.from({ length: count }, (_, at) => text.slice(at * pieceCharacters, (at + 1) * pieceCharacters))
}

export function idOf(kind: string): string {
  return `${kind}_${randomBytes(12).toString('hex')}`
}
