import { expect, test } from 'vitest'
import { askSays } from '../../domain/ask.ts'

const ask = { call: 'one', kind: 'logs', query: 'errors', minutes: 60 } as const

test('a question for lines tells the words that they must hold, for with them none may be no news', () => {
  expect(askSays({ ...ask, contains: null })).toBe('logs errors, 60 minutes')
  expect(askSays({ ...ask, contains: 'timed out' })).toBe('logs errors, 60 minutes, with “timed out”')
})
