// Canonical JSON (RFC 8785 for what we store: no non-finite numbers, no undefined): one text, so one digest, per value.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The canonical text of a value: keys sorted by UTF-16 code unit, no white space. Throws on what JSON cannot say. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') return canonicalNumber(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object') return canonicalObject(value)
  throw new Error(`canonical JSON has no ${typeof value}`)
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error('canonical JSON has no non-finite number')
  return JSON.stringify(value)
}

function canonicalObject(value: object): string {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}
