import { describe, expect, test } from 'vitest'
import { type Outcome, scores } from '../../lab/eval/scoreboard.ts'
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
  tokens: 100,
  dollars: 0.5,
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
    tokens: 300,
    dollars: 1.5,
    seconds: 9,
  })
  expect(board[0]?.handedOver).toEqual({ k: 0, n: 0, interval: null })
})
