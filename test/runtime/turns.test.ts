import { expect, test } from 'vitest'
import { createTurns } from '../../runtime/turns.ts'

const long = 3_600_000

test('whoever comes too late waits for a turn that is given back, in the order of coming', async () => {
  const turns = createTurns(1)
  const had: string[] = []
  const first = turns.take(long)
  const others = ['second', 'third'].map((name) => turns.take(long).then(() => had.push(name)))
  expect(await first).toBe(true)
  expect(had).toEqual([])
  turns.giveBack()
  await others[0]
  expect(had).toEqual(['second'])
  turns.giveBack()
  await others[1]
  expect(had).toEqual(['second', 'third'])
})

test('whoever gave up is passed over, and a turn that nobody waits for is there for the next', async () => {
  const turns = createTurns(1)
  expect(await turns.take(0)).toBe(true)
  expect(await turns.take(0)).toBe(false)
  turns.giveBack()
  expect(await turns.take(0)).toBe(true)
  expect(await turns.take(0)).toBe(false)
})
