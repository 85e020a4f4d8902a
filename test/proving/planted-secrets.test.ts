// What the proof plants: enough of it, told from everything else, and none of it left where the product redacts.
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../lab/proving/random.ts'
import { disguises } from '../../lab/proving/secrets/disguises.ts'
import { kinds } from '../../lab/proving/secrets/kinds.ts'
import { lettersFrom } from '../../lab/proving/secrets/letters.ts'
import { forModel } from '../../runtime/for-model.ts'
import { redactText } from '../../runtime/redaction.ts'

const seed = 20_261_122

describe('planted secrets', () => {
  it('are of at least 50 kinds in 12 disguises', () => {
    expect(new Set(kinds.map(([name]) => name)).size).toBeGreaterThanOrEqual(50)
    expect(new Set(disguises.map(([name]) => name)).size).toBe(12)
  })

  it.each(disguises)('are seen before redaction and not after it: %s', (name, put) => {
    const letters = lettersFrom(randomFrom(seed))
    const planted = kinds.map(([kind, plant]) => ({ kind, ...put(plant(letters)) }))
    const leaks = (text: string, traces: readonly string[]): boolean => traces.some((trace) => text.includes(trace))
    expect(planted.filter(({ text, traces }) => !leaks(text, traces)).map(({ kind }) => `${kind} ${name}`)).toEqual([])
    const left = planted.filter(({ text, traces }) => {
      const fenced = forModel(text, { label: 'a log', boundary: 'abcdef0123456789', maximumCharacters: 8_000 })
      return leaks(redactText(text), traces) || leaks(fenced, traces)
    })
    expect(left.map(({ kind }) => kind)).toEqual([])
  })
})
