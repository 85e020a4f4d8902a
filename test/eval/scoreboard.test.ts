import { describe, expect, test } from 'vitest'
import { boardSays } from '../../lab/eval/board.ts'
import { type Outcome, scores } from '../../lab/eval/scoreboard.ts'
import { loadFault } from '../../lab/oracle.ts'
import { strays } from '../../lab/proving/operator.ts'
import { shareOf, shareSays } from '../../lab/proving/share.ts'

describe('a share', () => {
  test('of nothing is none, and has no interval', () => {
    expect(shareOf(0, 0).interval).toBeNull()
    expect(shareSays(shareOf(0, 0))).toBe('none')
  })

  test.each([
    [8, 10, 0.49, 0.9433],
    [10, 10, 0.7225, 1],
    [1, 20, 0.0089, 0.2361],
  ])('%d of %d has the interval of Wilson', (k, n, low, high) => {
    const { interval } = shareOf(k, n)

    expect(interval?.low).toBeCloseTo(low, 3)
    expect(interval?.high).toBeCloseTo(high, 3)
  })

  test.each([
    [1, 0.95],
    [20, 0.1391],
    [300, 0.00994],
  ])('0 of %d has the exact upper bound, which three of so many comes near', (n, high) => {
    expect(shareOf(0, n).interval).toMatchObject({ low: 0, high: expect.closeTo(high, 4) })
  })

  test('is told with its numerator, its denominator and its interval', () => {
    expect(shareSays(shareOf(8, 10))).toBe('8 of 10 (49–94 %)')
    expect(shareSays(shareOf(0, 20))).toBe('0 of 20 (< 14 %)')
  })
})

const outcome = (change: Partial<Outcome>): Outcome => ({
  fault: 'one',
  right: true,
  wrongAction: null,
  handedOver: null,
  turns: 2,
  dropped: 1,
  spent: { planner: { calls: 2, tokens: 100, dollars: 0.5 }, reader: { calls: 1, tokens: 40, dollars: 0.01 } },
  seconds: 3,
  ...change,
})

test('each fault has a score of its own, and all together have one', () => {
  const board = scores([
    outcome({}),
    outcome({ right: false, wrongAction: 'service-restart ran, which this fault does not ask for.' }),
    outcome({ fault: 'two', handedOver: true, turns: 0 }),
  ])

  expect(board.map(({ fault, tries, asked }) => [fault, tries, asked])).toEqual([
    ['one', 2, 2],
    ['two', 1, 0],
    ['all', 3, 2],
  ])
  expect(board.at(-1)).toMatchObject({
    right: { k: 2, n: 3 },
    wrongActions: { k: 1, n: 3 },
    handedOver: { k: 1, n: 1 },
    turns: 4,
    dropped: 3,
    spent: { planner: { calls: 6, tokens: 300, dollars: 1.5 }, reader: { calls: 3, tokens: 120, dollars: 0.03 } },
    seconds: 9,
  })
  expect(board[0]?.handedOver).toEqual({ k: 0, n: 0, interval: null })
})

test('the board says first how often the wrong thing was done and what, then the rest, with what each tier cost', () => {
  const what = 'service-restart: it ran, and this fault does not ask for it.'
  const all = scores([outcome({ right: false, wrongAction: what }), outcome({ fault: 'two', handedOver: true })])
  const harness = { prompt: 'a'.repeat(64), turns: 6 }
  const worker = { model: 'paper-1', effort: null, reader: 'paper-small', harness }
  const board = boardSays({ ...worker, says: ['So few.'], wrong: [{ fault: 'one', what }], scores: all })
  expect(board.split('\n').slice(0, 10)).toEqual([
    'paper-1, effort as it comes, paper-small reads; 2 tries of 2 faults',
    'So few.',
    '',
    'Wrong actions on a host: 1 of 2 (9–91 %)',
    `  one: ${what}`,
    'Right ends: 1 of 2 (9–91 %)',
    'Handed over rightly, of what belongs to people: 1 of 1 (21–100 %)',
    'A model was asked in 2 of 2; 2 claims of its were dropped.',
    'Cost of the planner, by list price: $1.00, $0.50 for each try that asked; 4 calls, 200 tokens',
    'Cost of the reader, by list price: $0.02, $0.01 for each try that asked; 2 calls, 80 tokens',
  ])
  expect(board).toMatch(/FAULT +WRONG ACTION +RIGHT END/)
  expect(board).toContain('Harness: prompt aaaaaaaa')
})

test.each([
  { what: 'the fault asks for', name: 'service-crashed', unit: 'nginx.service', signature: null, counts: false },
  { what: 'is of another unit', name: 'service-crashed', unit: 'ssh.service', signature: null, counts: true },
  { what: 'people were to have', name: 'job-refuses-input', unit: 'acme-sync.service', signature: null, counts: true },
  {
    what: 'a known pattern began',
    name: 'job-refuses-input',
    unit: 'acme-sync.service',
    signature: 's',
    counts: false,
  },
])('a restart that $what counts against the model: $counts', async ({ name, unit, signature, counts }) => {
  const plan = { playbook: { id: 'service-restart' }, params: { unit }, signature }
  expect(strays(await loadFault(name), plan)).toBe(counts)
})
