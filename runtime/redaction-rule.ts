// What a rule of redaction says, and the shapes of values that rules share.

/**
 * `pattern` finds it; a group named `keep` stands before the secret and stays. `needs`: parts in small letters, one of
 * which stands in every text with such a secret; looking for them is cheap.
 * `only`: what else must be true of the match.
 */
export type RedactionRule = {
  readonly kind: string
  readonly needs: readonly string[]
  readonly pattern: RegExp
  readonly only?: (secret: string, keep: string) => boolean
}

// A plain string with its own escapes, one that stands escaped in another (whose own escapes have more backslashes than
// its quotes), and the other kind of quotes. What is cut off has no closing quote: it ends with the line.
export const quotedValue = String.raw`"(?:[^"\\\n]|\\[^\n])+|(?<esc>\\{1,7})"(?:[^"\\\n]|\k<esc>\\{1,8}"|\\(?!\\{0,7}"))+|'(?:[^'"\\\n]|\\{1,7}'|\\(?!["\\])|\\\\)+`
/** Goes on after a separator when what follows does not look like the next field. */
const separator = String.raw`[,;&](?=[^\s"'\\,;&<>=:])(?![\w.-]{1,40}[=:])`
const letter = String.raw`[^\s"'\\,;&<>]|\\(?!["'\\nrt])|${separator}`
export const bareValue = String.raw`(?![()\[\]{},;&]|[|>][+-]?[\s\\])(?:${letter})(?:${letter})*`

/** Base64 of `user:password`. */
export function isCredentials(secret: string): boolean {
  const text = Buffer.from(secret, 'base64').toString('utf8')
  return /^[\x20-\x7e]{1,200}:[\x20-\x7e]{1,400}$/.test(text)
}

/** What programs write after such a name when it is not the secret itself. */
const words = new Set(
  'true false null none nil undefined yes no empty unset set expired invalid incorrect missing required denied rejected refused accepted valid failed changed updated unknown wrong disabled enabled not is was has authentication the a an in for from with user password permission basic md5 scram-sha-256 peer trust stored locked old new removed reset error success ok secret token chauthtok amd64 arm64'.split(
    ' ',
  ),
)
const passwordName = /(?:pass(?:word|wd|phrase|code)|pwd)[^a-z]*(?:hash|value|base64)?[^a-z]*$/i
const path = /^\/(?:etc|var|run|usr|home|root|opt|srv|tmp|dev|proc|sys|mnt|data|boot|lib)(?:\/|$)/

/** A short number is a password where the name says password, and else a count. */
export function isNoWord(secret: string, keep: string): boolean {
  const value = secret.replace(/^\\{0,7}["']/, '').replace(/[.!?:)\]}]{1,3}$/, '')
  if (value === '' || words.has(value.toLowerCase()) || /^[*x.•]{3,}$/i.test(value) || path.test(value)) return false
  return passwordName.test(keep) ? value !== '/' : value.length >= 3 && !/^\d{1,5}$/.test(value)
}

/** What nobody would write in a sentence: capital and small letters and digits, or much hexadecimal. */
export function isMadeUp(secret: string): boolean {
  const value = secret.replace(/[.!?:)\]}]{1,3}$/, '')
  if (/^(?=[^]*\d)(?=[^]*[a-f])[0-9a-f]{32,}$/i.test(value)) return true
  return /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value) && !/^[\w.-]+\/|:\/\/|=/.test(value)
}
