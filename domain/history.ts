// How an alert's own expression moved, and where its threshold stands.
import type { Labels } from './alert.ts'

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

/**
 * The part of a rule that can be drawn: what is compared, and with which number; no threshold when the rule compares
 * nothing.
 */
export type Watched = {
  readonly expression: string
  readonly threshold: { readonly op: Comparison; readonly value: number } | null
}

export type RuleHistory = Watched & {
  /** Milliseconds since 1970 of our clock, and the value then; in order. */
  readonly points: readonly (readonly [number, number])[]
}

export type HistoryQuestion = {
  /** The rule's name. */
  readonly alert: string
  readonly labels: Labels
  /** ISO 8601. */
  readonly from: string
  readonly to: string
}

const opening = '([{'
const closing = ')]}'

/** Splits a rule's expression at its first comparison with a number that stands in no brackets and no text. */
export function watched(query: string): Watched {
  for (const at of outside(query)) {
    const found = /^(==|!=|<=|>=|<|>)\s*(?:bool\s+)?([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?![\w.])/i.exec(
      query.slice(at),
    )
    const [, op, value] = found ?? []
    if (op === undefined || value === undefined || !isComparison(op)) continue
    return { expression: query.slice(0, at).trim(), threshold: { op, value: Number(value) } }
  }
  return { expression: query.trim(), threshold: null }
}

function isComparison(text: string): text is Comparison {
  return ['==', '!=', '<', '<=', '>', '>='].includes(text)
}

/** Positions outside of brackets and quoted text. */
function outside(query: string): readonly number[] {
  const found: number[] = []
  let depth = 0
  let quote: string | null = null
  for (let at = 0; at < query.length; at += 1) {
    const character = query.charAt(at)
    if (quote !== null) {
      if (character === '\\') at += 1
      else if (character === quote) quote = null
      continue
    }
    if ('"\'`'.includes(character)) quote = character
    else if (opening.includes(character)) depth += 1
    else if (closing.includes(character)) depth -= 1
    else if (depth === 0) found.push(at)
  }
  return found
}
