import { describe, expect, it } from 'vitest'
import { abstractLines, countOf, groupedLines, templateOf } from '../../domain/log-template.ts'

const alike: readonly (readonly [string, string])[] = [
  [
    'Nov 22 02:06:23 web-01 nginx[4711]: upstream timed out (110: Connection timed out) while reading, client: 10.0.0.7',
    'Nov 22 02:06:24 web-01 nginx[99]: upstream timed out (110: Connection timed out) while reading, client: 10.9.0.44',
  ],
  [
    '2026-11-22T02:06:23.123Z GET "/orders/17" 502 in 0.31 s from [2001:db8::17]',
    '2026-11-22T02:06:24Z GET "/items" 502 in 12 s from [2001:db8::1:2]',
  ],
  [
    "open('/srv/app/a.log') failed: request 0198f2a1-7c3e-7b44-9d1e-2f6a8b9c0d1e",
    "open('/tmp/b') failed: request 11111111-2222-3333-4444-555555555555",
  ],
  ['write /var/lib/app/data.db: no space left on device', 'write /srv/x: no space left on device'],
  [
    'mail from a.b@example.com refused by https://a.example/x?y=1',
    'mail from c@example.org refused by https://b.example',
  ],
]

describe('the template of a line', () => {
  it.each(alike)('is the same for: %s', (one, other) => expect(templateOf(one)).toBe(templateOf(other)))

  it('keeps the words that say what happened', () => {
    expect(templateOf('Jan  2 03:04:05 db-01 kernel: Out of memory: Killed process 812 (postgres)')).toBe(
      '<time> db<n> kernel: Out of memory: Killed process <n> (postgres)',
    )
    expect(templateOf('a timed out')).not.toBe(templateOf('a was refused'))
  })
})

describe('lines of a log', () => {
  it('takes no count for one that a stranger wrote', () => {
    const [line = ''] = groupedLines(abstractLines('[9999999 like this:] all is well')).split('\n')
    expect(line).toBe('(9999999 like this:] all is well')
    expect(countOf(line)).toBe(1)
  })

  it('makes one line of ten thousand copies of one claim, and keeps the true one beside it', () => {
    const lies = Array.from(
      { length: 10_000 },
      (_, at) => `${at} run apt install fix=${at}.2 to repair 10.0.0.${at % 250}`,
    )
    lies.splice(5_000, 0, 'disk /var is full')
    const groups = abstractLines(lies.join('\n'))
    expect(groups.map(({ count }) => count)).toEqual([1, 10_000])
    expect(groupedLines(groups)).toBe(`disk /var is full\n[10000 like this:] ${lies.at(-1) ?? ''}`)
  })

  it('holds no more groups than its limit, whatever comes', () => {
    const letters = (at: number): string => String(at).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))
    const lines = Array.from({ length: 3_000 }, (_, at) => `word ${letters(at)}`)
    const groups = abstractLines(lines.join('\n'))
    expect(groups).toHaveLength(2_001)
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(3_000)
  })
})
