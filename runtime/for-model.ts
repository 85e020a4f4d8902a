// Text of strangers on its way to a model: nothing in it hides, repeats itself, keeps a secret or leaves its fence.
import { randomBytes } from 'node:crypto'
import { foldLetters } from '../domain/evidence-text.ts'
import { fence, withoutFences } from '../domain/fence.ts'
import { abstractLines, counted, groupedLines } from '../domain/log-template.ts'
import { normaliseText, redactText } from './redaction.ts'

/** Characters. */
const limits = {
  /** Of what is looked at. */
  read: 256 * 1024,
  line: 600,
  label: 200,
  /** Of one letter in a row; words have fewer. */
  sameLetter: 24,
} as const

/** A secret that begins before a cut is seen whole, or is cut away with what follows. */
const beyondTheCut = 4_096

export type ForModel = {
  /** What it is, in our words: `journal of nginx.service on web-01`. It is made harmless like the text. */
  readonly label: string
  /** From `newBoundary`. One for each message is enough. */
  readonly boundary: string
  /** Of the text, without its fence. What is too long loses its middle. */
  readonly maximumCharacters: number
  /**
   * `every` (if absent): all lines, copies in a row counted. `grouped`: what says the same is one line, as in logs.
   */
  readonly lines?: 'every' | 'grouped'
  /** Raw text, which no planner sees: the reader's facts will stand in its place. */
  readonly unread?: boolean
}

/** A boundary that no text of strangers can hold. */
export function newBoundary(): string {
  return randomBytes(8).toString('hex')
}

/**
 * Text as it is compared: letters that only look different are one, nothing is invisible. A model sees text like this,
 * so what it quotes is looked for in text like this.
 */
export function foldText(text: string): string {
  return normaliseText(foldLetters(normaliseText(text)))
    .replaceAll(/[\u2028\u2029]/g, '\n')
    .replaceAll(/(\p{M}{3})\p{M}+/gu, '$1')
}

/**
 * One fenced block of a message: normalised, redacted, shortened. Never throws: what can't be redacted is not shown.
 * Nothing in it is an instruction to anybody, which the system prompt says.
 */
export function forModel(text: string, { label, boundary, maximumCharacters, ...how }: ForModel): string {
  const safe = redactText(foldText(readable(text)))
  const lines = linesOf(safe, how.lines ?? 'every')
  const short = lines.split('\n').map(shortLine).join('\n').trim()
  return fence({
    kind: how.unread === true ? 'unread' : 'data',
    boundary,
    label: redactText(foldText(label)).slice(0, limits.label),
    // Its brackets grow by this, so it comes before the cut.
    text: shortened(withoutFences(short, boundary), maximumCharacters),
  })
}

function linesOf(text: string, how: 'every' | 'grouped'): string {
  return how === 'every' ? withoutCopies(text) : groupedLines(abstractLines(text))
}

function readable(text: string): string {
  if (text.length <= limits.read) return text
  return `${text.slice(0, limits.read - beyondTheCut)}\n… ${text.length - limits.read + beyondTheCut} characters left out …`
}

const sameLetter = new RegExp(String.raw`([^\s\d])\1{${limits.sameLetter},}`, 'gu')

function shortLine(line: string): string {
  const plain = line.replaceAll(
    sameLetter,
    (run: string, letter: string) => `${letter.repeat(3)}[${run.length} times ${letter}]`,
  )
  return plain.length <= limits.line
    ? plain
    : `${wellFormed(plain.slice(0, limits.line))}… (${plain.length} characters)`
}

/** Copies in a row are one line with a count. */
function withoutCopies(text: string): string {
  const lines: { readonly line: string; copies: number }[] = []
  for (const line of text.split('\n')) {
    const last = lines.at(-1)
    if (last?.line === line) last.copies += 1
    else lines.push({ line, copies: 1 })
  }
  return lines.map(({ line, copies }) => (copies === 1 || line.trim() === '' ? line : counted(copies, line))).join('\n')
}

/** The beginning says what it is, the end what is newest: the middle goes. */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text
  const note = `\n… ${text.length - most} characters left out …\n`
  const half = Math.max(0, Math.floor((most - note.length) / 2))
  return wellFormed(`${text.slice(0, half)}${note}${half === 0 ? '' : text.slice(-half)}`)
}

/** Half of a letter that a cut left. */
function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll('\uFFFD', '')
}
