// The only way of outside text into store, history, log and page: made harmless to look at, and its secrets taken out.
import { type Json } from '../domain/canonical-json.ts'
import { foldLetters } from '../domain/evidence-text.ts'
import { base64Runs } from './base64-runs.ts'
import { withoutKnown } from './known-secrets.ts'
import { partsFinder } from './parts.ts'
import type { RedactionRule } from './redaction-rule.ts'
import { redactionRules } from './redaction-rules.ts'

// Escape sequences: CSI (colours), OSC and its kin (titles, clipboard, links), two-character ones. A title that nothing
// ends on its own line loses its introducer alone: what follows may be other lines of a log.
const escapes =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /(?:\u001B\[|\u009B)[0-?]{0,200}[ -/]{0,20}[@-~]|(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])(?:[^\n\u0007\u001B\u0090-\u009F]{0,4000}(?:\u0007|\u001B\\|\u009C))?|\u001B[ -/]{0,4}[0-~]/g
// Invisible: zero-width, direction and variation marks, soft hyphens, byte-order marks, tag characters.
const invisible = /\p{Default_Ignorable_Code_Point}/gu
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g

const looksLikeJson = /^\s*[[{]/

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
 * JSON. Never throws: what can't be looked through is lost, so that no secret of it gets out.
 */
export function redactText(text: string): string {
  try {
    return redacted(text)
  } catch {
    return '[not shown: it could not be redacted]'
  }
}

function redacted(text: string): string {
  const plain = normaliseText(text)
  const safe = redactEncoded(redactEscaped(redactLookalikes(redactPlain(plain))))
  return safe === plain || !looksLikeJson.test(plain) ? safe : stillJson(plain, safe)
}

/** Where a value ends in `password=`, its closing quote and the next name would be taken for the secret. */
function stillJson(text: string, safe: string): string {
  if (parsed(safe) !== undefined) return safe
  const value = parsed(text)
  try {
    return value === undefined ? safe : JSON.stringify(redactJson(value))
  } catch {
    // Nested so deeply that it can't be walked through: nobody reads that as JSON either.
    return safe
  }
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Every text in a JSON value, names of keys too. A value whose key names a secret is judged together with that key.
 */
export function redactJson(value: Json): Json {
  if (typeof value === 'string') return redactText(value)
  if (isList(value)) return value.map(redactJson)
  return redactNamed('', value)
}

/** `outer`: the name of the whole, which is that of its `value`, too. */
function redactNamed(outer: string, value: Exclude<Json, string | readonly Json[]>): Json {
  if (typeof value !== 'object' || value === null) return value
  const name = (key: string): string => (key === 'value' && outer !== '' ? outer : nameOf(key, value))
  const entries = Object.entries(value)
  return Object.fromEntries(entries.map(([key, item]) => [redactText(key), redactMember(name(key), item)]))
}

/** An environment variable may be written as `name` and `value`; its name is the value of `name`. */
function nameOf(key: string, { name, key: other }: { readonly [key: string]: Json }): string {
  const given = name ?? other
  return key.toLowerCase() === 'value' && typeof given === 'string' ? given : key
}

/** Every text of a value that is stored as JSON, however deep. */
export function redactTexts<Value>(value: Value, redact = redactText): Value {
  const clean: Value = JSON.parse(
    JSON.stringify(value, (_key, item: unknown) => (typeof item === 'string' ? redact(item) : item)),
  )
  return clean
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function redactMember(key: string, item: Json): Json {
  if (typeof item === 'number') return /(?:pass(?:word|wd|phrase|code)|pwd)$/i.test(key) ? '[redacted:secret]' : item
  if (isList(item)) return item.map((one) => redactMember(key, one))
  if (typeof item !== 'string') return redactNamed(key, item)
  const alone = redactText(item)
  const prefix = `${key}=`
  const joined = redactPlain(`${prefix}${alone}`)
  const rest = joined.startsWith(prefix) ? joined.slice(prefix.length) : alone
  // JSON in a text is safe as it is, and stays JSON, unless it is the secret as a whole.
  return looksLikeJson.test(alone) && !rest.startsWith('[redacted:') ? alone : rest
}

const needed = [...new Set(redactionRules.flatMap(({ needs }) => needs))]
const findNeeded = partsFinder(needed)
/** For each part the places of the rules that need it: most texts have few parts, and there are many rules. */
const rulesOfPart = needed.map((part) => redactionRules.flatMap(({ needs }, at) => (needs.includes(part) ? [at] : [])))

/** A rule only looks at a text in which one of its parts stands; most texts have hardly any of them. */
function redactPlain(given: string): string {
  const text = withoutKnown(given)
  const found = findNeeded(text.toLowerCase())
  if (found.size === 0) return text
  const places = new Set([...found].flatMap((part) => rulesOfPart[part] ?? []))
  return redactionRules.reduce((safe, rule, at) => (places.has(at) ? applyRule(safe, rule) : safe), text)
}

/** Beside what an earlier rule took out of it stand only signs, and words that say what it was. */
function alreadyMarked(secret: string): boolean {
  const left = secret.replaceAll(/\[redacted:[a-z-]+\]/g, '')
  return left !== secret && /^(?:[\s\p{P}\p{S}]|bearer|basic|digest|token|apikey|negotiate|pass)*$/iu.test(left)
}

function applyRule(text: string, { kind, pattern, only }: RedactionRule): string {
  return text.replaceAll(pattern, (...parts: unknown[]) => {
    const whole = String(parts[0])
    const groups = parts.at(-1)
    const keep = typeof groups === 'object' && groups !== null && 'keep' in groups ? String(groups.keep) : ''
    const secret = whole.slice(keep.length)
    if (alreadyMarked(secret) || (only !== undefined && !only(secret, keep))) return whole
    return `${keep}${marked(keep, secret, kind)}`
  })
}

/** A quoted value keeps its opening quote, and a number of JSON becomes a text: what was JSON, YAML or SQL stays it. */
function marked(keep: string, secret: string, kind: string): string {
  const opening = /^\\{0,7}["']/.exec(secret)?.[0]
  if (opening !== undefined) return `${opening}[redacted:${kind}]`
  const number = /^-?\d[\d.eE+-]*(?=[\]},]|$)/.exec(secret)?.[0]
  const quote = /(\\{0,7}")\s{0,4}:\s{0,4}$/.exec(keep)?.[1]
  if (number === undefined || quote === undefined) return `[redacted:${kind}]`
  return `${quote}[redacted:${kind}]${quote}${secret.slice(number.length)}`
}

/** Letters of other widths and styles. The text stays as it is where they hide nothing. */
function redactLookalikes(text: string): string {
  if (!/[\uFE50-\uFEFF\uFF01-\uFF5E]|\uD835/.test(text)) return text
  const plain = foldLetters(text)
  const safe = redactPlain(plain)
  return safe === plain ? text : safe
}

/** Letters that JSON and programs write as numbers. The text stays as it is where that hides nothing. */
function redactEscaped(text: string): string {
  if (!/\\(?:u00|x)[2-7]/.test(text)) return text
  const inside = text.replaceAll(
    /(\\{1,8})(?:u00|x)([2-7][0-9A-Fa-f])/g,
    (whole: string, slashes: string, digits: string) => {
      const character = String.fromCharCode(Number.parseInt(digits, 16))
      if (character === '\\') return whole
      return character === '"' ? `${'\\'.repeat(slashes.length * 2 - 1)}"` : character
    },
  )
  const safe = redactPlain(inside)
  return safe === inside ? text : safe
}

/** A line break that JSON writes as two letters is no part of what comes after it. */
const base64Texts = /(?:(?<![A-Za-z0-9+/_-])(?<!\\(?=[nrt]))|(?<=\\[nrt]))[A-Za-z0-9+/_-]{16,}={0,2}/g

/** Secrets in base64 (also twice), hexadecimal and URL-encoding. What is not text inside, such as a hash, stays. */
function redactEncoded(text: string): string {
  // Hardly a text has one, and finding that out this way takes an eighth of the time.
  const runs = base64Runs(text)
  const whole = runs.some(isKeyLine) ? text.replaceAll(keyLines, (line) => keyLineMarked(line)) : text
  const opened = runs.some((run) => hidesSecret(run))
    ? whole.replaceAll(base64Texts, (blob) => (hidesSecret(blob) ? '[redacted:encoded]' : blob))
    : whole
  if (!/%[0-9A-Fa-f]{2}/.test(opened)) return opened
  // The alerts of a group lead to the same pages.
  const known = new Map<string, string>()
  return opened.replaceAll(/[^\s"'<>\\]{6,}/g, (part) => {
    if (!part.includes('%')) return part
    const safe = known.get(part) ?? redactUrl(part)
    known.set(part, safe)
    return safe
  })
}

/** A line of a key of many, whose first and last line somebody left out; programs end them after so many letters. */
const keyLines = /(?<!\S)(?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{70}|[A-Za-z0-9+/]{76})(?=\s*$|\\n)/gm

function isKeyLine(run: string): boolean {
  return [64, 70, 76].includes(run.length) && /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run)
}

function keyLineMarked(line: string): string {
  return isKeyLine(line) ? '[redacted:private-key]' : line
}

/** Base64 in base64 is looked into, and no deeper. */
const wrappings = 2

function hidesSecret(blob: string, wrapped = 1): boolean {
  return insides(blob).some((inside) => {
    if (!isText(inside)) return false
    if (redactPlain(inside) !== inside) return true
    return wrapped < wrappings && base64Runs(inside).some((run) => hidesSecret(run, wrapped + 1))
  })
}

function insides(blob: string): readonly string[] {
  const text = Buffer.from(blob, 'base64').toString('utf8')
  return hexadecimal.test(blob) ? [text, Buffer.from(blob, 'hex').toString('utf8')] : [text]
}

const hexadecimal = /^(?:[0-9a-f]{2}){8,}$/i

function redactUrl(part: string): string {
  const inside = decoded(part)
  return inside !== part && redactPlain(inside) !== inside ? '[redacted:encoded]' : part
}

function isText(text: string): boolean {
  return /^[\t\n\r\u0020-\u007E\u00A0-\uFFFC]{8,}$/.test(text)
}

/** What is not well-formed UTF-8 stays as it is, beside what is. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}
