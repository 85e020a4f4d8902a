import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../domain/canonical-json.ts'

describe('canonical JSON', () => {
  test('sorts keys by code unit, at every depth', () => {
    expect(canonicalJson({ b: 1, a: { d: [3, { z: 1, y: 2 }], c: null } })).toBe(
      '{"a":{"c":null,"d":[3,{"y":2,"z":1}]},"b":1}',
    )
  })

  test('gives the same text for the same value, whatever order it was built in', () => {
    expect(canonicalJson({ x: 'é', '€': true })).toBe(canonicalJson({ '€': true, x: 'é' }))
  })

  test('leaves out undefined members, as JSON does', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
  })

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [() => 1], [Symbol('s')], [10n], [[undefined]]])(
    'refuses what JSON cannot say: %s',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(/canonical JSON has no/)
    },
  )

  test('keeps numbers as ECMAScript writes them', () => {
    expect(canonicalJson([1e21, -0, 0.1, 100])).toBe('[1e+21,0,0.1,100]')
  })
})
