// What must stand in the evidence that was told before a rule fires.
import type { Section } from './reading.ts'

/** Answers the words that show it, as they stand in the text; null: it does not. */
export type Sign = (text: string) => string | null

/** One piece of evidence of this probe that shows all of these. */
export type Clue = { readonly probe: string; readonly signs: readonly Sign[] }

export type Shown = { readonly label: string; readonly quote: string; readonly subject: string }

/** A fact that has one of these values, however facts are written: `a: b`, `a=b`, `a b` or JSON. */
export function is(fact: string, ...values: readonly string[]): Sign {
  const pattern = new RegExp(`\\b${fact}"?(?:\\s*[:=]|\\s+is)?\\s*"?(?:${values.join('|')})(?![\\w.-])`)
  return (text) => pattern.exec(text)?.[0] ?? null
}

export function atLeast(fact: string, least: number): Sign {
  return (text) => compare(fact, text, (value) => value >= least)
}

export function under(fact: string, most: number): Sign {
  return (text) => compare(fact, text, (value) => value < most)
}

export function mentions(pattern: RegExp): Sign {
  return (text) => pattern.exec(text)?.[0] ?? null
}

function compare(fact: string, text: string, holds: (value: number) => boolean): string | null {
  const found = new RegExp(`\\b${fact}"?(?:\\s*[:=]|\\s+is)?\\s*(\\d+(?:\\.\\d+)?)`).exec(text)
  return found !== null && holds(Number(found[1])) ? found[0] : null
}

/** Where a clue is shown, in the newest evidence of its probe first; null: nowhere. */
export function shownBy({ probe, signs }: Clue, sections: readonly Section[]): Shown | null {
  for (const { label, text, subject, probe: asked } of sections.toReversed()) {
    if (asked !== probe) continue
    const quotes = signs.map((sign) => sign(text))
    const [quote] = quotes
    if (quote !== null && quote !== undefined && !quotes.includes(null)) return { label, quote, subject }
  }
  return null
}
