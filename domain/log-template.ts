// Lines of logs that say the same: what changes from one to the next becomes a placeholder, and alike lines are one.

export type LineGroup = {
  /** The line with placeholders: `<time> nginx[<n>]: upstream <address> timed out`. */
  readonly template: string
  readonly count: number
  /** The first and the newest of them, as they stood. */
  readonly first: string
  readonly newest: string
}

/** More lines than any excerpt has; what goes beyond is one group of its own. */
const mostGroups = 2_000
/** What is compared of a line, in characters. */
const longest = 2_000

const month = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec'

/** In this order. Each ends where the next match could begin: the text is hostile. */
const fields: readonly (readonly [RegExp, string])[] = [
  [/\[redacted:[a-z-]+\]/g, '<secret>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, '<time>'],
  [new RegExp(String.raw`\b(?:${month}) [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?`, 'g'), '<time>'],
  [new RegExp(String.raw`\b\d\d/(?:${month})/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?`, 'g'), '<time>'],
  [/\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b/g, '<time>'],
  [/"(?:[^"\\]|\\.)*"/g, '<quoted>'],
  [/(?<![\w'])'(?:[^'\\]|\\.)*'(?!\w)/g, '<quoted>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"')\]]+/gi, '<url>'],
  [/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]*\d)/g, '<address>'],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![\w:])/gi, '<address>'],
  [/\b[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,200}/g, '<mail>'],
  [/(?<![\w/<.])\.{0,2}(?:\/[^\s/:;,'"<>()[\]=]+)+\/?/g, '<path>'],
  [/\b0x[0-9a-f]{2,}\b/gi, '<hex>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b/gi, '<id>'],
  [/(?<![A-Za-z0-9_])(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{24,}(?![A-Za-z0-9_])/g, '<id>'],
  [/[-+]?\d+(?:[.,]\d+)*/g, '<n>'],
]

/** What of a line stays from one of its kind to the next. */
export function templateOf(line: string): string {
  const text = line.slice(0, longest)
  return fields
    .reduce((left, [pattern, name]) => left.replaceAll(pattern, name), text)
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/**
 * The lines of a text by what they say, in the order in which each came last; the newest line is the last one. Ten
 * thousand copies of one claim are one group. The text is redacted already: lines leave their neighbours here.
 */
export function abstractLines(text: string): readonly LineGroup[] {
  const groups = new Map<string, LineGroup>()
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const template = templateOf(line)
    const known = groups.get(template)
    const key = known === undefined && groups.size >= mostGroups ? '<other lines>' : template
    const before = groups.get(key)
    groups.delete(key)
    groups.set(key, { template: key, count: (before?.count ?? 0) + 1, first: before?.first ?? line, newest: line })
  }
  return [...groups.values()]
}

/** A line for each group: the newest one, and how many more there were like it. */
export function groupedLines(groups: readonly LineGroup[]): string {
  return groups
    .map(({ count, newest }) => (count === 1 ? newest : `[${count} lines like this, the newest:] ${newest}`))
    .join('\n')
}

/** A line for each group: its template, and how many lines had it. */
export function templateLines(groups: readonly LineGroup[]): string {
  return groups.map(({ count, template }) => (count === 1 ? template : `[${count} times:] ${template}`)).join('\n')
}
