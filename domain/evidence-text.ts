// Evidence as text: how a model calls it, and whether the words that it quotes stand there.
import type { Evidence } from './evidence.ts'

/** Place of a piece of evidence in its incident, both from the database; as a model says it: `e2.0`. */
export type Place = { readonly round: number; readonly position: number }

export function labelOf({ round, position }: Place): string {
  return `e${round}.${position}`
}

export type EvidenceText = {
  /** `name: value`, a line each; what was not seen is left out. Of an answer that failed: why. */
  readonly facts: string
  /** Lines as the host said them; empty where there are none. */
  readonly excerpt: string
}

/** Values are JSON, so that each fact is one line. */
export function evidenceText({ outcome }: Pick<Evidence, 'outcome'>): EvidenceText {
  if (outcome.status === 'failed') return { facts: `not seen (${outcome.reason}): ${outcome.message}`, excerpt: '' }
  const seen = Object.entries(outcome.facts).filter(([, value]) => value !== null)
  const facts = seen.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join('\n')
  return { facts, excerpt: outcome.excerpt }
}

/** Whether these words stand in one of the texts. Blanks count as one; how letters are composed does not matter. */
export function standsIn(quote: string, texts: readonly string[]): boolean {
  const wanted = squeezed(quote)
  return wanted !== '' && texts.some((text) => squeezed(text).includes(wanted))
}

/**
 * Whether these words hold more than a question and names, which stand in every answer: a value with its name, part of
 * a value, or of a line.
 */
export function tellsFinding(quote: string, { facts, excerpt }: EvidenceText): boolean {
  const words = squeezed(quote)
  const values = facts.split('\n').map((line) => squeezed(line.slice(line.indexOf(': ') + 2)))
  return standsIn(words, [excerpt, ...values]) || values.some((value) => value !== '' && words.includes(`: ${value}`))
}

function squeezed(text: string): string {
  return foldLetters(text).replaceAll(/\s+/g, ' ').trim()
}

/** NFKC, piece by piece: for many marks in a row it takes the square of their number, and they are a stranger's. */
export function foldLetters(text: string): string {
  return text.replaceAll(/[^]{1,1024}\p{M}{0,64}/gu, (piece) => piece.normalize('NFKC'))
}
