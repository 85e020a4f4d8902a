// Text of strangers inside what is said to a model: it stands between two lines that it cannot write itself.

/**
 * `data`: to be read as it stands. `unread`: raw text that no planner is shown; facts take its place before anything is
 * sent. `facts`: what the reader found in it.
 */
export type FenceKind = 'data' | 'unread' | 'facts'

export type Fenced = {
  readonly kind: FenceKind
  /** A random word, the same at both ends. */
  readonly boundary: string
  /** What it is, in our words: `journal of nginx.service on web-01`. */
  readonly label: string
  readonly text: string
}

/** Brackets that open and close a fence, and what looks like them; no text inside a fence has one. */
const brackets = /[\u27E6\u301A]|[\u27E7\u301B]/g

/** Text in which nothing can be taken for a fence: neither its brackets nor its boundary are left. */
export function withoutFences(text: string, boundary: string): string {
  return withoutBrackets(text).replaceAll(new RegExp(boundary, 'gi'), '[boundary]')
}

/** Text that opens and closes no fence. */
export function withoutBrackets(text: string): string {
  return text.replaceAll(brackets, (one) => ('\u27E6\u301A'.includes(one) ? '[[' : ']]'))
}

/**
 * A block of a message. `boundary` is made of small letters and digits.
 *
 *     ⟦data 4f1c09aa | journal of nginx.service on web-01⟧
 *     …
 *     ⟦end 4f1c09aa⟧
 */
export function fence({ kind, boundary, label, text }: Fenced): string {
  const line = withoutFences(label, boundary).replaceAll(/\s+/g, ' ').trim()
  return `⟦${kind} ${boundary} | ${line}⟧\n${withoutFences(text, boundary)}\n⟦end ${boundary}⟧`
}

const unread = /⟦unread ([a-z0-9]+) \| ([^⟦⟧\n]*)⟧\n([^⟦⟧]*)\n⟦end \1⟧/g

/** Whether raw text is left in it, also where its fence has no end. */
export function holdsUnread(text: string): boolean {
  return text.includes('⟦unread ')
}

/** The blocks of a text that wait for the reader, in their order. */
export function unreadBlocks(text: string): readonly Fenced[] {
  return [...text.matchAll(unread)].map(([, boundary = '', label = '', inside = '']) => {
    return { kind: 'unread', boundary, label, text: inside }
  })
}

/** The text with another block in the place of each that waits. */
export function replaceUnread(text: string, other: (block: Fenced, at: number) => Fenced): string {
  let at = 0
  return text.replaceAll(unread, (_whole, boundary: string, label: string, inside: string) => {
    const block = other({ kind: 'unread', boundary, label, text: inside }, at)
    at += 1
    return fence(block)
  })
}
