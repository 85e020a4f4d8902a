// A text of sections within a number of bytes: each has a share, what it leaves goes to the next, and what was cut is
// said.
import { count } from '../../domain/text.ts'

export type Section = {
  readonly title: string
  /** The most important first. */
  readonly lines: readonly string[]
  /** What it may take at most of what is left, 0 to 1. */
  readonly share: number
  /** Puts a fence round text of strangers. */
  readonly wrap?: (title: string, text: string) => string
}

/** Of the sentence that says what was cut. */
const spareBytes = 120

/** Bytes of a text as it is sent: inside JSON. */
export function sentBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2
}

/** Sections without lines are left out. */
export function fitSections(sections: readonly Section[], maximumBytes: number): string {
  const parts: string[] = []
  let room = maximumBytes
  for (const section of sections) {
    if (section.lines.length === 0) continue
    const part = fitOne(section, Math.floor(room * section.share))
    if (part === null) continue
    parts.push(part)
    room -= sentBytes(`${part}\n\n`)
  }
  return parts.join('\n\n')
}

function fitOne({ title, lines, wrap = plain }: Section, bytes: number): string | null {
  let room = bytes - sentBytes(wrap(title, '')) - spareBytes
  const kept: string[] = []
  for (const line of lines) {
    const size = sentBytes(`${line}\n`)
    if (size > room) continue
    room -= size
    kept.push(line)
  }
  const left = lines.length - kept.length
  if (kept.length === 0) return bytes < spareBytes ? null : `## ${title}\n(all ${count(left, 'line')} cut for space)`
  const text = wrap(title, kept.join('\n'))
  return left === 0 ? text : `${text}\n(${count(left, 'more line')} cut for space)`
}

function plain(title: string, text: string): string {
  return `## ${title}\n${text}`
}
