// How a line stands in what strangers send, and how its secret is told from everything else there.
import type { Plant } from './kinds.ts'

/** What is written, and texts none of which may come out anywhere: parts of the secret as they stand in it. */
export type Disguised = { readonly text: string; readonly traces: readonly string[] }
export type Disguise = readonly [name: string, put: (plant: Plant) => Disguised]

/** Beginning, middle and end of a secret: parts so long that no other text has them by chance. */
export function tracesOf(secret: string): readonly string[] {
  const span = secret.length < 24 ? 8 : 12
  const last = secret.length - span
  return [...new Set([0, Math.floor(last / 2), last])].map((at) => secret.slice(at, at + span))
}

const written = (name: string, write: (line: string) => string): Disguise => [
  name,
  ({ line, secret }) => ({ text: write(line), traces: tracesOf(secret) }),
]

/** Letter for letter, each written otherwise. */
const spelled = (name: string, spell: (letter: string) => string): Disguise => [
  name,
  ({ line, secret }) => {
    const all = (text: string): string => text.replaceAll(/[^]/g, spell)
    return { text: `q=${all(line)}`, traces: [...tracesOf(secret), ...tracesOf(secret).map(all)] }
  },
]

function base64Traces(text: string, secret: string): readonly string[] {
  const at = Buffer.byteLength(text.slice(0, text.indexOf(secret)))
  const from = Math.ceil(at / 3) * 4
  const to = Math.floor((at + secret.length) / 3) * 4
  const blob = Buffer.from(text).toString('base64')
  return tracesOf(blob.slice(from, to))
}

function inBase64({ line, secret }: Plant): Disguised {
  const blob = Buffer.from(line).toString('base64')
  return { text: `payload ${blob}`, traces: [...tracesOf(secret), ...base64Traces(line, secret)] }
}

function inBase64Twice(plant: Plant): Disguised {
  const { line, secret } = plant
  const once = Buffer.from(line).toString('base64')
  const at = Buffer.byteLength(line.slice(0, line.indexOf(secret)))
  const inner = once.slice(Math.ceil(at / 3) * 4, Math.floor((at + secret.length) / 3) * 4)
  const text = `payload ${Buffer.from(once).toString('base64')}`
  return { text, traces: [...inBase64(plant).traces, ...base64Traces(once, inner)] }
}

function inHexadecimal({ line, secret }: Plant): Disguised {
  const traces = [...tracesOf(secret), ...tracesOf(secret).map((part) => Buffer.from(part).toString('hex'))]
  return { text: `dump ${Buffer.from(line).toString('hex')}`, traces }
}

/** Something invisible within the secret. */
const parted = (name: string, between: string): Disguise => [
  name,
  ({ line, secret }) => {
    const half = Math.floor(secret.length / 2)
    const at = line.indexOf(secret) + half
    const long = [secret.slice(0, half), secret.slice(half)].map((part) => part.slice(0, 16))
    return { text: `${line.slice(0, at)}${between}${line.slice(at)}`, traces: [...tracesOf(secret), ...long] }
  },
]

const code = (letter: string, length: number): string => letter.charCodeAt(0).toString(16).padStart(length, '0')

export const disguises: readonly Disguise[] = [
  written('plain', (line) => line),
  written('with punctuation', (line) => `failed (${line}).`),
  written('in JSON', (line) => JSON.stringify({ level: 'error', message: line, code: 5 })),
  written('in JSON in JSON', (line) => JSON.stringify({ body: JSON.stringify({ message: line }) })),
  written('in a difference', (line) => line.replaceAll(/^/gm, '+')),
  ['in base64', inBase64],
  ['in base64 twice', inBase64Twice],
  ['in hexadecimal', inHexadecimal],
  spelled('in an address', (letter) => (/[A-Za-z0-9]/.test(letter) ? letter : `%${code(letter, 2)}`)),
  spelled('in escapes', (letter) => String.raw`\u${code(letter, 4)}`),
  parted('with colours', '\u001B[1;31m'),
  parted('with zero-width spaces', '\u200B\u2060'),
]
