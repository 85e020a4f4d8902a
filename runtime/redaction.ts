// The only way of outside text into store, history, log and page: made harmless to look at, and its secrets taken out.
import { type Json } from '../domain/canonical-json.ts'
import { redactionRules, type RedactionRule } from './redaction-rules.ts'

// Escape sequences: CSI (colours), OSC and its kin (titles, clipboard, links), two-character ones.
const escapes =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /(?:\u001B\[|\u009B)[0-?]{0,200}[ -/]{0,20}[@-~]|(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C]{0,4000}(?:\u0007|\u001B\\|\u009C)?|\u001B[ -/]{0,4}[0-~]/g
// Invisible: zero-width, direction and variation marks, soft hyphens, byte-order marks, tag characters.
const invisible = /\p{Default_Ignorable_Code_Point}/gu
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g

/** Text without control characters, escape sequences and invisible characters; lines end with a line feed. */
export function normaliseText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(escapes, '')
    .replaceAll(invisible, '')
    .replaceAll(controls, '')
}

/**
 * Normalises, and puts `[redacted:kind]` where a secret stood. Doing it twice changes nothing more. JSON text stays
 * JSON.
 */
export function redactText(text: string): string {
  return redactEncoded(redactPlain(normaliseText(text)))
}

/**
 * Every text in a JSON value, names of keys excepted. A value whose key names a secret is judged together with that
 * key.
 */
export function redactJson(value: Json): Json {
  if (typeof value === 'string') return redactText(value)
  if (isList(value)) return value.map(redactJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactMember(key, item)]))
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function redactMember(key: string, item: Json): Json {
  if (typeof item !== 'string') return redactJson(item)
  const alone = redactText(item)
  const prefix = `${key}=`
  const joined = redactPlain(`${prefix}${alone}`)
  return joined.startsWith(prefix) ? joined.slice(prefix.length) : alone
}

function redactPlain(text: string): string {
  return redactionRules.reduce(applyRule, text)
}

function applyRule(text: string, { kind, pattern, only }: RedactionRule): string {
  return text.replaceAll(pattern, (...parts: unknown[]) => {
    const whole = String(parts[0])
    const groups = parts.at(-1)
    const keep = typeof groups === 'object' && groups !== null && 'keep' in groups ? String(groups.keep) : ''
    const secret = whole.slice(keep.length)
    if (secret.includes('[redacted:') || (only !== undefined && !only(secret))) return whole
    return `${keep}${openingQuote(secret)}[redacted:${kind}]`
  })
}

/** A quoted value keeps its opening quote, so that what was JSON, YAML or SQL stays it. */
function openingQuote(secret: string): string {
  return /^\\{0,7}["']/.exec(secret)?.[0] ?? ''
}

/** Secrets one wrapping deep: base64 and URL-encoding. What is not text inside, such as a hash, stays. */
function redactEncoded(text: string): string {
  return text
    .replaceAll(/(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,8000}={0,2}/g, (blob) => {
      const inside = Buffer.from(blob, 'base64').toString('utf8')
      return isText(inside) && redactPlain(inside) !== inside ? '[redacted:encoded]' : blob
    })
    .replaceAll(/[^\s"'<>\\]{6,8000}/g, (part) => {
      const inside = decoded(part)
      return inside !== part && redactPlain(inside) !== inside ? '[redacted:encoded]' : part
    })
}

function isText(text: string): boolean {
  return /^[\t\n\r\x20-\x7E]{8,}$/.test(text)
}

function decoded(text: string): string {
  if (!/%[0-9A-Fa-f]{2}/.test(text)) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
