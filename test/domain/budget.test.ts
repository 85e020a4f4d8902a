import { expect, test } from 'vitest'
import { type Budget, fitsBudgets, newlyTight, nothingSpent } from '../../domain/budget.ts'
import { Config } from '../../runtime/config.ts'
import { dollarsOf, tokensOf, worstDollarsOf } from '../../domain/price.ts'

const budget = (change: Partial<Budget> = {}): Budget => ({
  scope: 'team',
  of: 'The team web',
  limit: { dollars: 5 },
  spent: nothingSpent,
  ...change,
})
const worst = { tokens: 20_000, dollars: 0.5, milliseconds: 60_000 }

test('a call fits when its worst case fits into every budget, to the last cent', () => {
  const rest = budget({ spent: { tokens: 0, dollars: 4.5, milliseconds: 0 } })
  expect(fitsBudgets([rest], worst, 0.5)).toEqual({ fits: true, milliseconds: 60_000, lifted: 0 })
  expect(fitsBudgets([rest], { ...worst, dollars: 0.51 }, 0)).toEqual({
    fits: false,
    says: 'The team web has used $4.50 of $5.00 in 24 h, and one more call may take $0.51. A lift by $0.51 lets that call be made.',
  })
})

test('where nothing is named nothing is limited', () => {
  expect(fitsBudgets([budget({ limit: {} })], { tokens: 1e12, dollars: 1e6, milliseconds: 1 }, 0)).toEqual({
    fits: true,
    milliseconds: 1,
    lifted: 0,
  })
})

test('a call gets the time that is left, and none begins in the last 20 seconds: nobody answers sooner', () => {
  const used = (milliseconds: number) =>
    budget({
      scope: 'incident',
      of: 'This incident',
      limit: { seconds: 90 },
      spent: { ...nothingSpent, milliseconds },
    })
  expect(fitsBudgets([used(70_000)], worst, 0)).toEqual({ fits: true, milliseconds: 20_000, lifted: 0 })
  expect(fitsBudgets([used(71_000)], worst, 0)).toEqual({
    fits: false,
    says: 'This incident has used 1 min 11 s of 1 min 30 s, and no call begins with less than 20 s. A lift by $0.50 lets that call be made.',
  })
})

test('what people lifted it by lets a call through until it is used', () => {
  const used = budget({ spent: { tokens: 0, dollars: 5, milliseconds: 0 } })
  expect(fitsBudgets([used], worst, 0.5)).toEqual({ fits: true, milliseconds: 60_000, lifted: 0.5 })
  expect(fitsBudgets([used], worst, 0.3)).toMatchObject({
    fits: false,
    says: expect.stringContaining('Of what it was lifted by $0.30 are left. A lift by $0.20 lets that call be made.'),
  })
})

test('of a lift, a model without a price takes a dollar for as many tokens as a new incident has for one', () => {
  const used = budget({ scope: 'incident', of: 'This incident', limit: { tokens: 400_000 } })
  const full = { ...used, spent: { ...nothingSpent, tokens: 400_000 } }
  const free = { tokens: 20_000, dollars: 0, milliseconds: 60_000 }
  expect(fitsBudgets([full], free, 1)).toEqual({ fits: true, milliseconds: 60_000, lifted: 0.05 })
  expect(fitsBudgets([full], free, 0.01)).toEqual({
    fits: false,
    says:
      'This incident has used 400,000 tokens of 400,000 tokens, and one more call may take 20,000 tokens. ' +
      'Of what it was lifted by $0.01 are left. A lift by $0.04 lets that call be made: a dollar of it is ' +
      '400,000 tokens of a model without a price.',
  })
  const { tokens, dollars } = Config.parse({}).budgets.incident
  expect([tokens, dollars]).toEqual([400_000, 1])
})

test('people are told once, when a budget comes to four fifths', () => {
  const at = (dollars: number) => [budget({ spent: { tokens: 0, dollars, milliseconds: 0 } })]
  expect(newlyTight(at(3.9), at(3.99))).toEqual([])
  expect(newlyTight(at(3.9), at(4))).toEqual(['The team web has used $4.00 of $5.00 in 24 h.'])
  expect(newlyTight(at(4), at(4.9))).toEqual([])
})

const price = {
  input: 3,
  output: 15,
  cacheRead: 0.3,
  cacheWrite: 3.75,
  listed: '2026-11-01',
  above: { tokens: 200_000, price: { input: 6, output: 22.5, cacheRead: 0.6, cacheWrite: 7.5 } },
}
const million = 1_000_000

test('dollars follow the price list, also above its step', () => {
  const usage = { input: 1_000, cacheRead: 10_000, cacheWrite: 2_000, output: 100 }
  expect(tokensOf(usage)).toBe(13_100)
  expect(dollarsOf(price, usage)).toBeCloseTo((3_000 + 3_000 + 7_500 + 1_500) / million, 12)
  expect(dollarsOf(price, { ...usage, cacheRead: 200_000 })).toBeCloseTo(
    (6_000 + 120_000 + 15_000 + 2_250) / million,
    12,
  )
})

test('the worst case is never less than what a call comes to', () => {
  const shares = [0, 0.25, 0.5, 1]
  for (const tokens of [10, 200_000, 200_001])
    for (const read of shares)
      for (const write of shares.filter((share) => share + read <= 1)) {
        const usage = {
          cacheRead: tokens * read,
          cacheWrite: tokens * write,
          input: tokens * (1 - read - write),
          output: 500,
        }
        expect(worstDollarsOf(price, { input: tokens, output: 500 })).toBeGreaterThanOrEqual(dollarsOf(price, usage))
      }
})
