// Lines of logs that say the same: what changes from one to the next becomes a placeholder, and alike lines are one.

export type LineGroup = {
  /** The line with placeholders: `<time> nginx[<n>]: upstream <address> timed out`. */
  readonly template: string
  readonly count: number
  /** Of them, as it stood. */
  readonly newest: string
}

/** More lines than any excerpt has; what goes beyond is one group of its own. */
const mostGroups = 2_000
/** What is compared of a line, in characters. */
const longest = 500

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
    groups.set(key, { template: key, count: (before?.count ?? 0) + 1, newest: uncounted(line) })
  }
  return [...groups.values()]
}

/** A line for each group: the newest one, and how many more there were like it. */
export function groupedLines(groups: readonly LineGroup[]): string {
  return groups.map(({ count, newest }) => counted(count, newest)).join('\n')
}

/** A line that stands for others that say the same; it is the newest of them. */
export function counted(count: number, line: string): string {
  return count === 1 ? line : `[${count} like this:] ${line}`
}

/** A line of a stranger's, who may have written such a count himself. */
export function uncounted(line: string): string {
  return line.replace(/^(\s*)\[(?=\d{1,7} like this:\])/, '$1(')
}

/** How many lines a line stands for, itself included. */
export function countOf(line: string): number {
  const [, stands] = /^\s*\[(\d{1,7}) like this:\] /.exec(line) ?? []
  return stands === undefined ? 1 : Number(stands)
}

const troubled =
  /err|fail|den(?:y|ied)|refus|cannot|can't|could not|no such|not found|unable|exceed|expire|invalid|limit|too many|no space|read-only|timed? ?out|unreachable|reset|abort|fatal|panic|kill|exception|traceback|warn|skew|permission/i

/** Whether somebody who looks for a cause would read this line first. */
export function tellsOfTrouble(line: string): boolean {
  return troubled.test(line)
}
