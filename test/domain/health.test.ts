import { describe, expect, it, test } from 'vitest'
import { type Answer, everyCheckHolds, type Health, healthOf, longestWindowSeconds } from '../../domain/health.ts'
import type { RuleAnswer } from '../../domain/run.ts'

const standings = ['over', 'lags', 'outlasts', 'unknown', 'firing'] as const

const longest = longestWindowSeconds

/** Each standing of the alert's own rule, in every way in which it comes about: its answer, and how long ago. */
const rules: Readonly<Record<(typeof standings)[number], readonly (readonly [RuleAnswer, number])[]>> = {
  over: [
    [{ state: 'clear', windowSeconds: 0 }, 0],
    [{ state: 'clear', windowSeconds: 300 }, 10],
    [{ state: 'none', windowSeconds: 0 }, 0],
  ],
  lags: [
    [{ state: 'firing', windowSeconds: 300 }, 299],
    [{ state: 'unknown', windowSeconds: 300 }, 0],
    [{ state: 'firing', windowSeconds: 2 * longest }, longest - 1],
  ],
  outlasts: [
    [{ state: 'firing', windowSeconds: 2 * longest }, longest],
    [{ state: 'unknown', windowSeconds: 2 * longest }, 2 * longest - 1],
  ],
  unknown: [
    [{ state: 'unknown', windowSeconds: 0 }, 0],
    [{ state: 'unknown', windowSeconds: 300 }, 300],
    [{ state: 'unknown', windowSeconds: 2 * longest }, 2 * longest],
  ],
  firing: [
    [{ state: 'firing', windowSeconds: 0 }, 0],
    [{ state: 'firing', windowSeconds: 300 }, 300],
    [{ state: 'firing', windowSeconds: 2 * longest }, 2 * longest],
  ],
}

/** What checks answered, and beside each standing of the rule, in that order, what it is: a kind, or why. */
const table: readonly (readonly [readonly Answer[], readonly string[]])[] = [
  [['holds'], ['well', 'lagging', 'rule-looks-back', 'rule-unknown', 'only-rule-fires']],
  [['fails'], always('check-fails')],
  [['fails', 'holds'], always('check-fails')],
  [['fails', 'unknown'], always('check-fails')],
  [['fails', 'never-known'], always('check-fails')],
  [['fails', 'holds', 'unknown'], always('check-fails')],
  [['fails', 'holds', 'never-known'], always('check-fails')],
  [['fails', 'unknown', 'never-known'], always('check-fails')],
  [['fails', 'holds', 'unknown', 'never-known'], always('check-fails')],
  [['unknown'], unlessFiring('check-unknown')],
  [['unknown', 'holds'], unlessFiring('check-unknown')],
  [['unknown', 'never-known'], unlessFiring('check-unknown')],
  [['unknown', 'holds', 'never-known'], unlessFiring('check-unknown')],
  [
    ['never-known', 'holds'],
    ['before-unknown', 'check-unknown', 'before-unknown', 'check-unknown', 'rule-fires'],
  ],
  [['never-known'], unlessFiring('nothing-checked')],
  [[], unlessFiring('nothing-checked')],
]

const cases = table.flatMap(([answers, row]) =>
  standings.map((rule, at) => ({
    answers,
    rule,
    says: row[at],
    checks: answers.length === 0 ? 'nothing' : answers.join(' + '),
  })),
)

test.each(cases)('$checks, with a rule that is $rule: $says', ({ answers, rule, says }) => {
  const orders = [answers, answers.toReversed(), [...answers, ...answers]]
  const healths = rules[rule].flatMap(([answer, ageSeconds]) =>
    orders.map((some) => healthOf({ answers: some, rule: answer, ageSeconds })),
  )

  expect(healths.map(worded)).toEqual(healths.map(() => says))
})

test('every set of answers stands in the table', () => {
  expect(new Set(table.map(([answers]) => answers.toSorted().join())).size).toBe(2 ** 4)
})

describe('whatever was measured', () => {
  const all = cases.flatMap(({ answers, rule }) =>
    rules[rule].map(([answer, ageSeconds]) => {
      const health = healthOf({ answers, rule: answer, ageSeconds })
      return { answers, state: answer.state, health }
    }),
  )

  it('is never well or waited for unless there is a check, and every one holds', () => {
    const good = all.filter(({ health: { kind } }) => kind === 'well' || kind === 'lagging')
    expect(good.every(({ answers }) => answers.join() === 'holds')).toBe(true)
  })

  it('is never well while its rule fires or can not be asked', () => {
    const well = all.filter(({ health }) => health.kind === 'well')
    expect(new Set(well.map(({ state }) => state))).toEqual(new Set(['clear', 'none']))
  })

  it('is wrong only where a check fails or the rule fires', () => {
    const wrong = all.filter(({ health }) => health.kind === 'wrong')
    expect(wrong.every(({ answers, state }) => answers.includes('fails') || state === 'firing')).toBe(true)
  })

  it('says that every check holds just where every check does', () => {
    for (const { answers, health } of all) expect(everyCheckHolds(health)).toBe(answers.join() === 'holds')
  })
})

function always(says: string): readonly string[] {
  return [says, says, says, says, says]
}

function unlessFiring(says: string): readonly string[] {
  return [says, says, says, says, 'rule-fires']
}

function worded(health: Health): string {
  return 'because' in health ? health.because : health.kind
}
