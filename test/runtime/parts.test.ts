// What the one pass finds is what looking for each part by itself finds.
import { expect, test } from 'vitest'
import { partsFinder } from '../../runtime/parts.ts'
import { redactionRules } from '../../runtime/redaction-rules.ts'

function agrees(parts: readonly string[], texts: readonly string[]): void {
  const find = partsFinder(parts)
  for (const text of texts) {
    const each = parts.flatMap((part, place) => (text.includes(part) ? [place] : []))
    expect(
      [...find(text)].toSorted((a, b) => a - b),
      text,
    ).toEqual(each)
  }
}

/** Every text of these letters, up to a length. */
function textsOf(alphabet: readonly string[], length: number): readonly string[] {
  if (length === 0) return ['']
  const shorter = textsOf(alphabet, length - 1)
  return [
    ...shorter,
    ...shorter.filter((one) => one.length === length - 1).flatMap((one) => alphabet.map((l) => one + l)),
  ]
}

test('parts that begin, end and hold one another are all found, in every short text', () => {
  agrees(['a', 'ab', 'bab', 'bb', 'abba', 'b', 'aab', 'ab'], textsOf(['a', 'b', 'é'], 7))
})

test("each part of the redaction's rules is found wherever it stands, and nothing else", () => {
  const parts = [...new Set(redactionRules.flatMap(({ needs }) => needs))]
  expect(parts.filter((part) => !/^[\x20-\x7e]+$/.test(part) || part !== part.toLowerCase())).toEqual([])
  const around = parts.flatMap((part) => [part, `x${part}`, `${part}${part}`, part.slice(0, -1) + part, `é${part}\n`])
  agrees(parts, [...around, parts.join(''), parts.toReversed().join(' '), ''])
})
