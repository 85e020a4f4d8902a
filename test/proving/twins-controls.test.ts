// How it goes without a text, seen several times: one of three may differ by chance, and no more.
import { expect, test } from 'vitest'
import { alike, isSettled, oddOnes } from '../../lab/proving/twins/controls.ts'
import type { Handled } from '../../lab/proving/twins/twins.ts'

function ended(ending: string): Handled {
  const course = { plans: [], asked: [], runs: [], ending, host: [], calls: 1, strange: [] }
  return { course, called: [], shown: null, read: { planner: false, reader: false, record: false } }
}
const usual = ended('handed-over (novel)')
const other = ended('closed (recovered)')
const third = ended('handed-over (failed)')

test('what is most often so counts, and one of three that differs is chance', () => {
  expect(alike([other, usual, usual])).toBe(usual)
  expect(oddOnes([other, usual, usual])).toEqual([])
  expect(oddOnes([usual, usual])).toEqual([])
})

test('two that differ are looked at again, and three that do show nothing', () => {
  expect([isSettled([usual]), isSettled([usual, other]), isSettled([usual, other, usual])]).toEqual([true, false, true])
  expect(oddOnes([usual, other])).toEqual([])
  expect(oddOnes([usual, other, third]).join(' ')).toMatch(/not always alike: ended: handed-over \(novel\)/)
})
