import { expect, test } from 'vitest'
import { bytes, chatLine, count, duration, listed } from '../../domain/text.ts'

test.each([
  [-5, '0 ms'],
  [61, '61 ms'],
  [130, '0.13 s'],
  [7_400, '7.4 s'],
  [48_900, '48 s'],
  [60_000, '1 min'],
  [7_200_000, '2 h'],
  [7_500_000, '2 h 5 min'],
  [3 * 86_400_000, '3 d'],
])('%i ms is said as %s', (milliseconds, said) => {
  expect(duration(milliseconds)).toBe(said)
})

test('sizes, numbers and lists are said as people say them', () => {
  expect([0, 999, 3_100_000_000, 38_000_000].map(bytes)).toEqual(['0 B', '999 B', '3.1 GB', '38 MB'])
  expect([count(1, 'host'), count(1_234, 'host'), count(2, 'more', 'more')]).toEqual([
    '1 host',
    '1,234 hosts',
    '2 more',
  ])
  expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c'])
})

test('what chat programs make a link or a mention of is only words', () => {
  const text =
    'It was: <!channel> <https://evil.example/x|Open INC-7>\n[ok](https://evil.example) @here getty@tty1.service'
  expect(chatLine(text)).toBe(
    'It was: ‹!channel› ‹https[:]//evil.example/x|Open INC-7› [ok] (https[:]//evil.example) (at) here getty@tty1.service',
  )
})
