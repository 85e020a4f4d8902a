// What the model server says was cached: exact prefixes, up to a breakpoint, from a minimum on, for five minutes.
import { describe, expect, test } from 'vitest'
import { minimumOf, prefixCache } from '../../lab/model-server/cache.ts'
import type { Block, Heard } from '../../lab/model-server/heard.ts'
import { prefixProblems, type Recorded } from '../../lab/model-server/record.ts'

const tokens = (count: number): string => 'abcd'.repeat(count)
const block = (count: number, breakpoint = false, answers = 0): Block => ({ bytes: tokens(count), breakpoint, answers })

function heard(blocks: readonly Block[], model = 'sonnet'): Heard {
  const question = { system: '', tools: [], messages: [], maximumOutput: 1 }
  return { protocol: 'anthropic', model, key: 'k', stream: false, wantsUsage: true, question, blocks }
}

describe('the prefix cache', () => {
  test('writes what stands before a breakpoint, reads it the next time, and writes only what is new', () => {
    const cached = prefixCache()
    const first = [block(2_000, true), block(100)]

    expect(cached(heard(first))).toEqual({ input: 100, cacheRead: 0, cacheWrite: 2_000 })
    expect(cached(heard([...first, block(300, true), block(10)]))).toEqual({
      input: 10,
      cacheRead: 2_000,
      cacheWrite: 400,
    })
  })

  test('finds nothing once one byte of the prefix is another, or another model or key asks', () => {
    const cached = prefixCache()
    cached(heard([block(2_000, true)]))
    const other = { bytes: `x${tokens(2_000).slice(1)}`, breakpoint: true, answers: 0 }

    expect(cached(heard([other]))).toMatchObject({ cacheRead: 0, cacheWrite: 2_000 })
    expect(cached(heard([block(2_000, true)], 'other'))).toMatchObject({ cacheRead: 0 })
    expect(cached({ ...heard([block(2_000, true)]), key: 'another' })).toMatchObject({ cacheRead: 0 })
  })

  test.each([
    ['claude-opus-5-5', 512],
    ['claude-fable-5-1', 512],
    ['claude-sonnet-5-5', 1_024],
    ['claude-haiku-5-5', 1_024],
  ])('%s caches from %i tokens on', (model, least) => {
    expect(minimumOf(model)).toBe(least)
    expect(prefixCache()(heard([block(least - 1, true)], model))).toMatchObject({ input: least - 1, cacheWrite: 0 })
    expect(prefixCache()(heard([block(least, true)], model))).toMatchObject({ input: 0, cacheWrite: least })
  })

  test('forgets after five minutes in which nobody asked', () => {
    let now = 0
    const cached = prefixCache(() => now)
    const read = (milliseconds: number): number => {
      now += milliseconds
      return cached(heard([block(2_000, true)])).cacheRead
    }

    expect([read(0), read(299_000), read(299_000), read(300_000)]).toEqual([0, 2_000, 2_000, 0])
  })

  test('looks back over twenty blocks and no further', () => {
    const read = (between: number): number => {
      const cached = prefixCache()
      cached(heard([block(2_000, true)]))
      const more = Array.from({ length: between }, (_, at) => block(1, at === between - 1))
      return cached(heard([block(2_000), ...more])).cacheRead
    }

    expect([read(20), read(21)]).toEqual([2_000, 0])
  })
})

describe('the check of prefixes', () => {
  const asked = { path: '/v1/messages', headers: {}, body: '', status: 200, persona: 'correct', model: 'm', host: '' }
  const recorded = (number: number, blocks: readonly Block[]): Recorded => ({
    ...asked,
    number,
    blocks,
    said: null,
    usage: null,
  })
  const one = block(10)
  const said = block(20, false, 1)
  const result = block(30, false, 1)

  test('a request that begins with the one before is fine, wherever its breakpoints stand', () => {
    const next = [{ ...one, breakpoint: true }, said, result, block(5, true, 2), block(6, false, 2)]

    expect(prefixProblems([recorded(1, [one]), recorded(2, [one, said, result]), recorded(3, next)])).toEqual([])
  })

  test('one that says something else about what was said before is named', () => {
    const changed = { ...one, bytes: `${one.bytes} ` }

    expect(prefixProblems([recorded(1, [one]), recorded(2, [changed, said, result])])).toEqual([
      expect.stringContaining('Request 2'),
    ])
  })
})
