// One entry of a story: what happened, then why.
import type { Sentence, Tone } from './words.ts'

export type Told = { readonly tone: Tone; readonly says: Sentence; readonly more: readonly Sentence[] }

export function told(tone: Tone, says: Sentence, ...more: readonly string[]): Told {
  return { tone, says, more: more.filter((text) => text !== '').map((text) => [text]) }
}
