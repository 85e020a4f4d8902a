// A text of sections within a number of bytes: each has a share, what it leaves goes to the next, and what was cut is
// said.
import { count } from '../../domain/text.ts'

export type Section = {
  readonly title: string
  /** The most important first. */
  readonly lines: readonly string[]
  /** The same in fewer words, for where not all of them have room. */
  readonly short?: readonly string[]
  /** What it may take at most of what is left, 0 to 1. */
  readonly share: number
  /** Nothing can be concluded without it: it takes its room before the others do. */
  readonly needed?: boolean
  /** Puts a fence round text of strangers. */
  readonly wrap?: (title: string, text: string) => string
}

/** Of the sentence that says what was cut. */
const spareBytes = 120

/** Bytes of a text as it is sent: inside JSON. */
export function sentBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2
}

/** In their order; sections without lines are left out. */
export function fitSections(sections: readonly Section[], maximumBytes: number): string {
  const parts = new Map<Section, string>()
  let room = maximumBytes
  for (const section of sections.toSorted((a, b) => Number(b.needed ?? false) - Number(a.needed ?? false))) {
    if (section.lines.length === 0) continue
    const part = fitOne(section, Math.floor(room * section.share))
    if (part === null) continue
    parts.set(section, part)
    room -= sentBytes(`${part}\n\n`)
  }
  return sections.flatMap((section) => parts.get(section) ?? []).join('\n\n')
}

function fitOne({ short, ...section }: Section, bytes: number): string | null {
  const { text, left } = fitLines(section, bytes)
  return left === 0 || short === undefined ? text : fitLines({ ...section, lines: short }, bytes).text
}

type Fitted = { readonly text: string | null; readonly left: number }

function fitLines({ title, lines, wrap = plain }: Section, bytes: number): Fitted {
  let room = bytes - sentBytes(wrap(title, '')) - spareBytes
  const kept: string[] = []
  let left = 0
  for (const line of lines) {
    const part = shortened(line, room)
    left += part === line ? 0 : 1
    if (part === null) continue
    room -= sentBytes(`${part}\n`)
    kept.push(part)
  }
  if (kept.length === 0) {
    return { left, text: bytes < spareBytes ? null : `## ${title}\n(all ${count(left, 'part')} cut for space)` }
  }
  const text = wrap(title, kept.join('\n'))
  return { left, text: left === 0 ? text : `${text}\n(${count(left, 'part')} cut for space)` }
}

/** The first part of what has several lines, where all of them are too much; null: not even one has room. */
function shortened(text: string, room: number): string | null {
  const lines = text.split('\n')
  let size = 0
  const most = lines.findIndex((line) => (size += sentBytes(`${line}\n`)) > room)
  if (most === -1) return text
  return most === 0 ? null : lines.slice(0, most).join('\n')
}

function plain(title: string, text: string): string {
  return `## ${title}\n${text}`
}
