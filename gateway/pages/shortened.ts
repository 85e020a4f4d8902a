// A page has a budget: one endless label must not take it from everything else. The whole text stands in the API and
// the Markdown.

/** Text of several lines is an excerpt and may be longer. */
const excerptFactor = 3

/** The same value with every long text in it cut to about `longest` characters. */
export function shortened<T>(value: T, longest = 240): T {
  // Only texts change, and they stay texts: the shape is the same.
  return walk(value, longest) as T
}

function walk(value: unknown, longest: number): unknown {
  if (typeof value === 'string') return cut(value, value.includes('\n') ? longest * excerptFactor : longest)
  if (Array.isArray(value)) return value.map((item) => walk(item, longest))
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [cut(name, longest), walk(item, longest)]))
}

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text
  // Never half of a pair of surrogates.
  return `${text.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…`
}

/** For one line of a phone: the middle gives way, because names differ at their ends. */
export function brief(text: string, longest = 90): string {
  if (text.length <= longest) return text
  const half = Math.floor(longest / 2)
  return `${text.slice(0, half).replace(/[\ud800-\udbff]$/, '')}…${text.slice(-half).replace(/^[\udc00-\udfff]/, '')}`
}
