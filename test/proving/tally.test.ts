import { describe, expect, test } from 'vitest'
import { tally } from '../../lab/proving/tally.ts'
import type { Try } from '../../lab/proving/tally.ts'

const struck = (point: string, { landed = true, started = true, failure = null as string | null } = {}): Try => ({
  says: point,
  failure,
  blow: { point, landed, started },
})

describe('what counts as a try', () => {
  test('a try without a blow counts as it is', () => {
    const tries: readonly Try[] = [
      { says: 'one', failure: null },
      { says: 'other', failure: 'broken' },
    ]

    expect(tally(tries, { wanted: 2, leastStarted: 0 })).toStrictEqual({ runs: 2, failures: 1, short: [], hit: '' })
  })

  test('a blow that did not land is no run, and a proof that lacks one fails and says so', () => {
    const tries = [struck('in mid task'), struck('after the lease', { landed: false })]

    expect(tally(tries, { wanted: 2, leastStarted: 0 })).toStrictEqual({
      runs: 1,
      failures: 1,
      short: ['1 of 2 blows landed'],
      hit: 'in mid task 1, not landed: after the lease 1',
    })
  })

  test('a blow that landed when it was tried again takes nothing from the proof', () => {
    const tries = [struck('in mid task', { landed: false }), struck('in mid task'), struck('in mid task')]

    expect(tally(tries, { wanted: 2, leastStarted: 0 })).toMatchObject({
      runs: 2,
      failures: 0,
      hit: 'in mid task 2, not landed: in mid task 1',
    })
  })

  test('what broke without a blow is a failure all the same', () => {
    const tries = [struck('in mid task', { landed: false, failure: 'started twice' }), struck('in mid task')]

    expect(tally(tries, { wanted: 1, leastStarted: 0 })).toMatchObject({ runs: 1, failures: 1 })
  })

  test('a proof in which too few tries started anything on a host fails and says so', () => {
    const idle = struck('at random', { started: false })

    expect(tally([idle, idle, idle], { wanted: 3, leastStarted: 0.5 })).toStrictEqual({
      runs: 3,
      failures: 1,
      short: ['only 0 of 3 tries reached a start on a host'],
      hit: 'at random 3',
    })
    expect(tally([idle, struck('at random')], { wanted: 2, leastStarted: 0.5 }).failures).toBe(0)
  })

  test('a try that shows something without its blow counts, and a point that was never struck is told', () => {
    const missed: Try = {
      ...struck('at the end'),
      blow: { point: 'at the end', landed: false, started: false, isBeside: true },
    }
    const wanted = { wanted: 1, leastStarted: 0, points: ['in mid task', 'at the end'] }

    expect(tally([missed], wanted)).toStrictEqual({
      runs: 1,
      failures: 0,
      short: [],
      hit: 'not landed: at the end 1, none of 2 points',
    })
    expect(tally([missed, struck('in mid task')], wanted)).toMatchObject({
      runs: 2,
      hit: 'in mid task 1, not landed: at the end 1, never struck: at the end',
    })
  })

  test('a proof in which too many blows met nothing fails and says so, however many landed', () => {
    const missed = struck('at random', { landed: false })
    const landed = [struck('at random'), struck('at random'), struck('at random')]

    expect(tally([missed, ...landed], { wanted: 3, mostMissed: 0.25 }).failures).toBe(0)
    expect(tally([missed, ...landed], { wanted: 3, mostMissed: 0.2 })).toMatchObject({
      runs: 3,
      failures: 1,
      short: ['1 of 4 blows met nothing'],
    })
  })
})
