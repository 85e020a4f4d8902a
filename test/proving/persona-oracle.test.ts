// What judges the personas: each way in which an incident may be wrong is told.
import { describe, expect, test } from 'vitest'
import { faultNames, loadFault } from '../../lab/oracle.ts'
import { loadPersonas } from '../../lab/model-server/persona.ts'
import { endProblem, type Ended } from '../../lab/proving/persona-ends.ts'
import { type Ledger, type LedgerCall, ledgerProblem } from '../../lab/proving/persona-ledger.ts'
import { allBlows, allPairs } from '../../lab/proving/persona-pairs.ts'
import { randomFrom } from '../../lab/proving/random.ts'
import { asAnOperator, byChance, refusing, withoutConclusion } from '../../lab/model-server/ends.ts'

describe('the right end', () => {
  const novel = { ending: { kind: 'repaired', by: ['service-restart'] }, novel: true } as const
  const known = { ending: { kind: 'repaired', by: ['service-restart'] } } as const
  const forPeople = { ending: { kind: 'handed-over', why: 'it is theirs' }, novel: true } as const
  const closed: Ended = { state: 'closed', reason: 'recovered', says: '', runs: 1, isAsked: true, isStruck: false }
  const investigated = 'No known fault fits. It was investigated: It has no room (likely).'
  const handed: Ended = { ...closed, state: 'handed-over', reason: 'novel', says: investigated, runs: 0 }
  const none = 'No known fault fits. The model came to no conclusion that counts within its exchanges.'

  test('of who is right is a repair, or a hypothesis where nothing can be repaired', () => {
    expect(endProblem(novel, asAnOperator, closed)).toBeNull()
    expect(endProblem(novel, asAnOperator, handed)).toContain('could have been repaired')
    expect(endProblem(forPeople, asAnOperator, handed)).toBeNull()
    expect(endProblem(forPeople, asAnOperator, { ...handed, says: none })).toContain('not this persona’s')
  })

  test('of who says nothing that counts is never a repair, and people are told why', () => {
    expect(endProblem(novel, withoutConclusion, { ...handed, says: none })).toBeNull()
    expect(endProblem(novel, withoutConclusion, closed)).toContain('nothing to carry out')
    expect(endProblem(novel, refusing, { ...handed, says: none })).toContain('not this persona’s')
  })

  test('of who may be right by chance is never a run where nothing can be repaired', () => {
    expect(endProblem(novel, byChance, closed)).toBeNull()
    expect(endProblem(forPeople, byChance, { ...handed, runs: 1 })).toContain('nothing to carry out')
  })

  test('of a known fault is a repair that no model was asked about', () => {
    expect(endProblem(known, refusing, { ...closed, isAsked: false })).toBeNull()
    expect(endProblem(known, asAnOperator, closed)).toContain('a fault that is known')
    expect(endProblem(novel, asAnOperator, { ...closed, isAsked: false })).toBe('No model was asked.')
    expect(endProblem(known, refusing, { ...handed, isAsked: false })).toContain('not closed')
  })

  test('after a kill may be that nobody knows, and after none is never', () => {
    const unknown = { ...handed, reason: 'unknown', runs: 1 }

    expect(endProblem(novel, asAnOperator, { ...unknown, isStruck: true })).toBeNull()
    expect(endProblem(novel, asAnOperator, unknown)).not.toBeNull()

    // A run was broken off before its first task, so that no known fault is left to try and a model is asked.
    const brokenOff = { ...handed, reason: 'failed', runs: 1 }
    expect(endProblem(known, refusing, { ...brokenOff, isStruck: true })).toBeNull()
    expect(endProblem(known, refusing, brokenOff)).not.toBeNull()
  })
})

describe('the ledger', () => {
  const call: LedgerCall = {
    investigation: 1,
    turn: 1,
    tier: 'planner',
    state: 'answered',
    attempts: 1,
    tokens: 100,
    dollars: 0.1,
    milliseconds: 10,
    service: 'web-01/nginx.service',
  }
  const budget = { turns: 2, tokens: 150, dollars: 1, seconds: 1 }
  const turns = [1, 2].map((turn) => ({ investigation: 1, turn }))
  const whole: Ledger = { calls: turns.map(({ turn }) => ({ ...call, turn })), judged: turns, told: turns }

  test('is right where budgets held to within one call, and all is settled and told', () => {
    expect(ledgerProblem(whole, 'web-01', budget)).toBeNull()
  })

  test.each<[string, Ledger, string]>([
    ['a call of another host', { ...whole, calls: [{ ...call, service: 'web-011/x' }] }, 'not on web-01'],
    ['a call that stayed open', { ...whole, calls: [{ ...call, state: 'reserved' }] }, 'never settled'],
    [
      'more than one call too much',
      { ...whole, calls: [call, { ...call, turn: 2 }, { ...call, tier: 'reader' }] },
      '300 tokens',
    ],
    ['a turn too many', { ...whole, calls: [1, 2, 3].map((turn) => ({ ...call, turn, tokens: 0 })) }, 'in 3 turns'],
    ['a turn that is missing', { ...whole, calls: [{ ...call, turn: 2 }] }, 'the turns are 2'],
    ['an answer that nobody judged', { ...whole, judged: turns.slice(1) }, 'and judged 1.2'],
    ['a turn that is told twice', { ...whole, told: [...turns, ...turns] }, 'the timeline tells'],
  ])('is wrong with %s', (_, ledger, says) => {
    expect(ledgerProblem(ledger, 'web-01', budget)).toContain(says)
  })
})

describe('the matrix', async () => {
  const personas = await loadPersonas()
  const names = await faultNames()
  const faults = new Map(await Promise.all(names.map(async (name) => [name, await loadFault(name)] as const)))
  const pairs = allPairs({ personas, faults }, randomFrom(7))

  test('holds each persona with each fault once, with nobody killed', () => {
    const quiet = pairs.filter(({ blow }) => blow === null).map(({ persona, fault }) => `${persona} ${fault}`)

    expect(quiet).toHaveLength(personas.size * faults.size)
    expect(new Set(quiet).size).toBe(quiet.length)
  })

  test('holds a pair for each blow', () => {
    expect(pairs.filter(({ blow }) => blow !== null)).toHaveLength(allBlows(randomFrom(7)).length)
  })
})
