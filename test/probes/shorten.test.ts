// Where a host cuts a long answer: half a secret that stood there would not be recognised as one.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const program = `
import json, sys
from answer import cut, shorten
asked = json.load(sys.stdin)
how = {'shorten': lambda text, limit: shorten(text, limit)[0], 'cut': cut}[asked['how']]
print(json.dumps([how(asked['text'], limit) for limit in asked['limits']]))`

/** What the host's program leaves of a text, for each limit. */
function shortened(text: string, limits: readonly number[], how: 'shorten' | 'cut' = 'shorten'): readonly string[] {
  const answer: readonly string[] = JSON.parse(
    execFileSync('python3', ['-c', program], {
      input: JSON.stringify({ text, limits, how }),
      encoding: 'utf8',
      env: {
        PATH: '/usr/bin:/bin',
        PYTHONPATH: join(import.meta.dirname, '../../host'),
        PYTHONDONTWRITEBYTECODE: '1',
      },
    }),
  )
  return answer
}

test('a long answer is cut between words, wherever the limit falls', () => {
  const line = 'cannot reach postgres://app:Hunt3rTwo@db/orders\n'
  const limits = Array.from({ length: 100 }, (_, at) => 600 + at)
  const excerpts = shortened(line.repeat(100), limits)
  const words = new Set(['', ...line.trim().split(' ')])
  const left = excerpts.flatMap((text) => text.replace(/… \d+ characters left out …/, '').split(/\s+/))
  expect(left.filter((word) => !words.has(word))).toEqual([])
  expect(left.length).toBeGreaterThan(limits.length * 10)
})

test('of a word without end the parts beside the cut go', () => {
  const [excerpt] = shortened('x'.repeat(9_000), [8_000])
  expect(excerpt).toBe(`${'x'.repeat(1_976)}\n… 5048 characters left out …\n${'x'.repeat(1_976)}`)
})

test('a long line ends before the word that does not fit, and a short one is whole', () => {
  const line = 'error: cannot reach postgres://app:Hunt3rTwo@db/orders in time'
  const limits = Array.from({ length: line.length }, (_, at) => at + 1)
  const lines = shortened(line, limits, 'cut')
  expect(lines.at(-1)).toBe(line)
  expect(lines.filter((text) => text !== line && !line.startsWith(`${text} `) && text !== '')).toEqual([])
  expect(lines.every((text, at) => text.length <= (limits[at] ?? 0))).toBe(true)
})
