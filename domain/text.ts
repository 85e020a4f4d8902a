// Numbers, lists, durations and sizes as people write them.
const chatLength = 300

/**
 * Safe for chat: one line, no control characters, and nothing that chat programs turn into a link or a mention. Part of
 * it may be a stranger's or a model's; the address of the page is sent beside it.
 */
export function chatLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('://', '[:]//')
    .replaceAll('](', '] (')
    .replaceAll(/(?<![\w.])@(?=\w)/g, '(at) ')
    .slice(0, chatLength)
}

/** `1 host`, `2 hosts`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en-GB')} ${number === 1 ? noun : plural}`
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** How long, in the largest unit that says enough: `61 ms`, `7.4 s`, `48 s`, `6 min`, `2 h 5 min`, `3 d`. */
export function duration(milliseconds: number): string {
  const span = Math.max(0, Math.round(milliseconds))
  if (span < 100) return `${span} ms`
  if (span < second) return `${(span / second).toFixed(2)} s`
  if (span < 10 * second) return `${(span / second).toFixed(1)} s`
  if (span < minute) return `${Math.floor(span / second)} s`
  if (span < hour) return `${Math.floor(span / minute)} min`
  if (span < day) return joined([Math.floor(span / hour), 'h'], [Math.floor((span % hour) / minute), 'min'])
  return joined([Math.floor(span / day), 'd'], [Math.floor((span % day) / hour), 'h'])
}

/** As `duration`, with seconds below one hour: `1 min 20 s`. For moments that are compared with each other. */
export function precise(milliseconds: number): string {
  const span = Math.max(0, Math.round(milliseconds))
  if (span < minute || span >= hour) return duration(span)
  return joined([Math.floor(span / minute), 'min'], [Math.floor((span % minute) / second), 's'])
}

function joined([big, unit]: readonly [number, string], [small, smaller]: readonly [number, string]): string {
  return small === 0 ? `${big} ${unit}` : `${big} ${unit} ${small} ${smaller}`
}

/** Milliseconds between two ISO moments. */
export function between(from: string, to: string): number {
  return Date.parse(to) - Date.parse(from)
}

/** A number of bytes as people say it: `3.1 GB`, powers of 1000. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3))
  const scaled = value / 1000 ** power
  return `${scaled < 10 && power > 0 ? scaled.toFixed(1) : Math.round(scaled)} ${units[power] ?? 'B'}`
}

/** Below a cent with as many digits as it takes to see it. */
export function dollars(amount: number): string {
  return `$${amount >= 0.01 || amount === 0 ? amount.toFixed(2) : amount.toPrecision(2)}`
}
