import { describe, expect, test } from 'vitest'
import type { Evidence, FactValue } from '../../domain/evidence.ts'
import { bind, type Comparison, evaluate, type Predicate } from '../../domain/predicate.ts'

function saw(value: FactValue, at = '2026-01-01T00:00:00Z'): Evidence {
  return {
    id: `e-${String(value)}-${at}`,
    request: { probe: 'unit-status', params: { unit: 'nginx.service' } },
    outcome: { status: 'ok', facts: { activeState: value }, excerpt: '', truncated: false },
    takenAt: at,
    hostClock: at,
    hostDigest: null,
  }
}

function asks(test: Comparison): Predicate {
  return { probe: 'unit-status', params: { unit: 'nginx.service' }, fact: 'activeState', test, says: 'it is so' }
}

describe('a predicate', () => {
  test.each<[Comparison, FactValue, string]>([
    [{ op: 'is', value: 'failed' }, 'failed', 'holds'],
    [{ op: 'is', value: 'failed' }, 'active', 'fails'],
    [{ op: 'is', value: 1 }, '1', 'fails'],
    [{ op: 'isNot', value: 'failed' }, 'active', 'holds'],
    [{ op: 'atLeast', value: 90 }, 90, 'holds'],
    [{ op: 'atLeast', value: 90 }, 89.9, 'fails'],
    [{ op: 'atLeast', value: 90 }, '95', 'unknown'],
    [{ op: 'atMost', value: 90 }, 90, 'holds'],
    [{ op: 'oneOf', value: ['a', 'b'] }, 'b', 'holds'],
    [{ op: 'oneOf', value: ['a', 'b'] }, ['a'], 'unknown'],
    [{ op: 'includes', value: 80 }, [80, 443], 'holds'],
    [{ op: 'includes', value: 80 }, 80, 'unknown'],
    [{ op: 'excludes', value: 80 }, [443], 'holds'],
    [{ op: 'excludes', value: 80 }, [80], 'fails'],
    [{ op: 'is', value: 'failed' }, null, 'unknown'],
    [{ op: 'isNot', value: 'failed' }, null, 'unknown'],
  ])('%j over %j %s', (test, value, answer) => {
    expect(evaluate(asks(test), [saw(value)]).answer).toBe(answer)
  })

  test('over nothing seen is unknown, never true', () => {
    expect(evaluate(asks({ op: 'isNot', value: 'failed' }), [])).toMatchObject({ answer: 'unknown', evidence: null })
  })

  test('over a failed probe is unknown and still names the evidence', () => {
    const failed: Evidence = { ...saw('x'), outcome: { status: 'failed', reason: 'timeout', message: 'took 10 s' } }
    expect(evaluate(asks({ op: 'is', value: 'x' }), [failed])).toMatchObject({ answer: 'unknown', evidence: failed.id })
  })

  test('takes the newest answer to the same request', () => {
    const evidence = [saw('failed', '2026-01-01T00:00:00Z'), saw('active', '2026-01-01T00:00:05Z')]
    expect(evaluate(asks({ op: 'is', value: 'active' }), evidence).answer).toBe('holds')
  })

  test('is bound to parameters in probe parameters, value and words', () => {
    const open: Predicate = {
      probe: 'failed-units',
      params: { unit: '$unit' },
      fact: 'units',
      test: { op: 'includes', value: '$unit' },
      says: '$unit is among the failed units, $other is not',
    }
    expect(bind(open, { unit: 'nginx.service' })).toMatchObject({
      params: { unit: 'nginx.service' },
      test: { op: 'includes', value: 'nginx.service' },
      says: 'nginx.service is among the failed units, $other is not',
    })
  })
})
