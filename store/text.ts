// PostgreSQL holds no NUL and no half of a surrogate pair; what comes from outside may have both.
import type { Labels } from '../domain/alert.ts'

/** The text with what can't be stored replaced by U+FFFD. */
export function storableText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole
}

export function storableLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [storableText(name), storableText(value)]))
}

/** A value as the text of a JSON column, however strange its strings are. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'string' ? storableText(item) : item))
}
