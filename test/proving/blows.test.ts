import { expect, test } from 'vitest'
import { sweep } from '../../lab/proving/blows.ts'
import { points } from '../../lab/proving/moments.ts'
import { randomFrom } from '../../lab/proving/random.ts'

const blows = sweep(randomFrom(7))

test('a sample of three is struck in mid-run, each time at something else', () => {
  expect(blows.slice(0, 3).map(({ at }) => at)).toStrictEqual([
    'in-mid-task',
    'after-the-record-was-made-on-the-host',
    'after-the-effect',
  ])
  expect(new Set(blows.slice(0, 3).map(({ victim }) => victim)).size).toBe(3)
})

test('every point is struck once before one is struck again', () => {
  expect(new Set(blows.slice(0, points.length).map(({ at }) => at)).size).toBe(points.length)
})

test('no blow comes twice, and none is meant for a process that is not there then', () => {
  expect(new Set(blows.map(({ victim, at }) => `${victim} ${at}`)).size).toBe(blows.length)
  expect(blows).not.toContainEqual({ victim: 'ansible', at: 'when-the-alert-was-recorded' })
  expect(blows).toContainEqual({ victim: 'connection', at: 'in-mid-task' })
})
