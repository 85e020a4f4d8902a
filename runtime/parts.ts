// Which of many parts stand in a text, in one pass over it however many there are: Aho and Corasick's automaton.

/** Parts are made of these; whatever is above them ends every part. */
const letters = 128

/**
 * Answers which parts stand in a text, as their places in the list: exactly those that `includes` would find. Parts are
 * ASCII and not empty.
 */
export function partsFinder(parts: readonly string[]): (text: string) => ReadonlySet<number> {
  const { next, ends, places, width } = automaton(parts)
  return (text) => {
    const found = new Set<number>()
    let state = 0
    for (let at = 0; at < text.length; at += 1) {
      const letter = text.charCodeAt(at)
      state = letter < letters ? (next[state * width + (places[letter] ?? 0)] ?? 0) : 0
      const ended = ends[state]
      if (ended !== undefined) for (const part of ended) found.add(part)
    }
    return found
  }
}

type Automaton = {
  /** Of each letter: from 1 those that stand in a part, so that the table below stays small enough to be near. */
  readonly places: Uint8Array
  readonly width: number
  /** The state after a letter, at `state * width + places[letter]`. */
  readonly next: Uint16Array
  /** The parts that end in a state; nothing where none does. */
  readonly ends: readonly (readonly number[] | undefined)[]
}

function automaton(parts: readonly string[]): Automaton {
  const { children, ends } = trie(parts)
  const used = [...new Set(parts.join(''))].map((one) => one.charCodeAt(0))
  const places = new Uint8Array(letters)
  for (const [at, letter] of used.entries()) places[letter] = at + 1
  const width = used.length + 1
  const next = new Uint16Array(children.length * width)
  // Where it goes on when a state has no such child: in the longest other beginning that the text could be in.
  const others = new Uint16Array(children.length)
  const order = [0]
  // It grows as it is walked: the short beginnings first, on which the longer ones rest.
  for (const state of order) {
    const other = others[state] ?? 0
    for (const [at, letter] of used.entries()) {
      const place = at + 1
      const elsewhere = state === 0 ? 0 : (next[other * width + place] ?? 0)
      const child = children[state]?.get(letter)
      next[state * width + place] = child ?? elsewhere
      if (child === undefined) continue
      others[child] = elsewhere
      const all = [...(ends[child] ?? []), ...(ends[elsewhere] ?? [])]
      ends[child] = all.length === 0 ? undefined : all
      order.push(child)
    }
  }
  return { next, ends, places, width }
}

type Trie = { readonly children: Map<number, number>[]; readonly ends: (readonly number[] | undefined)[] }

function trie(parts: readonly string[]): Trie {
  const children = [new Map<number, number>()]
  const ends: (readonly number[] | undefined)[] = [undefined]
  for (const [place, part] of parts.entries()) {
    let state = 0
    for (const character of part) {
      const letter = character.charCodeAt(0)
      const there = children[state]?.get(letter)
      if (there === undefined) {
        children[state]?.set(letter, children.length)
        state = children.push(new Map()) - 1
        ends.push(undefined)
      } else state = there
    }
    ends[state] = [...(ends[state] ?? []), place]
  }
  return { children, ends }
}
