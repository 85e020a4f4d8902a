// The secrets that this process was handed, so that whatever it stores, logs or sends can be searched for each of them.

/** Shorter ones, and plain words, stand in texts that have nothing to do with them. */
const least = 8
const word = /^(?:[a-z]{1,15}|[A-Z]{1,15}|\d{1,9})$/

let known: readonly string[] = []

/** From now on these are taken out of every text, as they are and as addresses and base64 write them. */
export function knowSecrets(values: readonly string[]): void {
  const parts = values.flatMap(partsOf).flatMap((part) => [part, ...disguised(part)])
  // The longer first: what holds another one goes as a whole.
  known = [...new Set([...known, ...parts])].toSorted((one, other) => other.length - one.length)
}

export function withoutKnown(text: string): string {
  return known.reduce((safe, part) => (safe.includes(part) ? safe.replaceAll(part, '[redacted:known]') : safe), text)
}

/** Keys stand in files of many lines, and a line of them is enough to be told from everything else. */
function partsOf(value: string): readonly string[] {
  const whole = value.trim()
  const lines = whole.includes('\n') ? whole.split(/\s*\n\s*/).filter((line) => !line.startsWith('-----')) : [whole]
  return lines.filter((line) => line.length >= least && !word.test(line))
}

function disguised(part: string): readonly string[] {
  const bytes = Buffer.from(part)
  const percent = encodeURIComponent(part)
  const forms = [bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url'), bytes.toString('hex')]
  return [...forms, percent, percent.toLowerCase(), JSON.stringify(part).slice(1, -1)].filter((form) => form !== part)
}
