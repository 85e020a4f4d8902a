import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ApplicationFailure } from '@temporalio/common'
import type { Exchanged } from '../../activities/types.ts'
import { liftBudget } from '../../workflows/messages.ts'
import { theatre, type Played, type Theatre } from '../support/play.ts'
import { known, type Script } from '../support/stand-ins.ts'

let play: Theatre
beforeAll(async () => {
  play = await theatre()
})
afterAll(() => play.end())

const proposed = {
  kind: 'remediate',
  playbook: 'service-restart',
  params: { unit: 'nginx.service' },
  says: 'It hangs',
} as const

const begun: ReturnType<Script['begin']> = {
  kind: 'begun',
  investigation: 1,
  turns: 6,
  model: 'scripted',
  harness: 'h',
  bytes: 9_000,
  unread: false,
}

/** Nobody knows the fault, and a model is asked. */
const asked: Partial<Script> = {
  recognise: () => ({ kind: 'none', not: [] }),
  begin: () => begun,
  policy: () => 'ask',
}

const events = async ({ handle }: Played): Promise<number> => (await handle.fetchHistory()).events?.length ?? 0
const kindsFrom = (story: Played, kind: string): readonly string[] => {
  const all = story.kinds()
  return all.slice(all.indexOf(kind))
}

describe('what a model proposes', () => {
  test('is looked at anew, and asked about before it is carried out', async () => {
    const story = await play.begin({ ...asked, judge: () => proposed })
    const { digest } = await story.until('asked')
    expect(kindsFrom(story, 'investigation-began')).toEqual([
      'investigation-began',
      'turn',
      'looked',
      'not-recognised',
      'planned',
      'policy',
      'asked',
    ])
    await story.decide({ planDigest: digest })
    expect(await story.over()).toMatchObject({ reason: 'recovered', says: expect.stringContaining('It hangs') })
  })

  test('is planned on all that was looked at for it, not on the measurement of health since', async () => {
    const collected: number[] = []
    const planned: (number | undefined)[] = []
    const story = await play.begin({
      ...asked,
      judge: () => proposed,
      collect: (round) => {
        collected.push(round)
        return { evidence: ['e1'], failed: 0, milliseconds: 5, unreachable: null }
      },
      plan: (_playbook, _attempt, _kind, round) => {
        planned.push(round)
        return {}
      },
    })
    await story.until('asked')

    expect(planned).toEqual(collected.slice(-1))
    await story.close()
  })

  test('comes of all that was looked at, not of the measurement of health since', async () => {
    const collected: number[] = []
    const told: number[] = []
    const story = await play.begin({
      ...asked,
      judge: () => ({ kind: 'person', says: 'Nothing fits.' }),
      collect: (round) => {
        collected.push(round)
        return { evidence: ['e1'], failed: 0, milliseconds: 5, unreachable: null }
      },
      begin: (round) => {
        told.push(round)
        return begun
      },
    })
    await story.until('handed-over')

    expect(told).toEqual(collected)
    await story.close()
  })

  test('is left aside where a known fault shows by then', async () => {
    let looks = 0
    const recognise: Script['recognise'] = (tried) => {
      looks += 1
      return looks === 1 || tried.length > 0 ? { kind: 'none', not: [] } : known('service-restart')
    }
    const story = await play.begin({
      ...asked,
      recognise,
      judge: () => ({ ...proposed, playbook: 'disk-space-reclaim' }),
      policy: () => 'auto',
    })
    expect(await story.over()).toMatchObject({ reason: 'recovered' })
    const planned = story.entries().flatMap(({ entry }) => (entry.kind === 'planned' ? [entry.playbook] : []))
    expect(planned).toEqual(['service-restart'])
  })

  test('is void once a known fault was tried instead: what was proposed before is not carried out after it', async () => {
    let [looks, turns] = [0, 0]
    const recognise: Script['recognise'] = (tried) => {
      looks += 1
      return looks === 1 || tried.length > 0 ? { kind: 'none', not: [] } : known('service-restart')
    }
    const judge: Script['judge'] = () => ((turns += 1) === 1 ? proposed : { kind: 'person', says: 'It is not known.' })
    const story = await play.begin({
      ...asked,
      recognise,
      judge,
      policy: () => 'auto',
      await: () => ({ health: { kind: 'wrong', because: 'check-fails' }, checks: [], rule: 'firing', firings: 1 }),
    })
    await story.until('handed-over')
    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
    expect(turns).toBe(2)
    await story.close()
  })

  test('is no more than two attempts, whatever it says', async () => {
    let turn = 0
    const judge: Script['judge'] = () => ({ ...proposed, playbook: `playbook-${(turn += 1)}` })
    const story = await play.begin({
      ...asked,
      judge,
      policy: () => 'auto',
      await: () => ({ health: { kind: 'wrong', because: 'check-fails' }, checks: [], rule: 'firing', firings: 1 }),
    })
    await story.until('handed-over')
    expect(play.stage.begun(story.incident)).toEqual(['playbook-1', 'playbook-2'])
    expect(turn).toBe(2)
    await story.close()
  })

  const onlyTheRule = {
    health: { kind: 'wrong', because: 'only-rule-fires' },
    checks: [{ says: 'nginx.service is active', answer: 'holds', observed: 'active', evidence: null }],
    rule: 'firing',
    firings: 1,
  } as const

  test('is asked for also where every check holds and the rule is measured to fire', async () => {
    const story = await play.begin({ ...asked, health: () => onlyTheRule, judge: () => proposed })
    await story.until('asked')
    await story.close()
  })

  test('may be nothing: then people read that only the alert goes on, and what it found', async () => {
    const judge = () => ({ kind: 'person', says: 'The page is slow.' }) as const
    const story = await play.begin({ ...asked, health: () => onlyTheRule, judge })
    expect(await story.until('handed-over')).toMatchObject({
      reason: 'still-firing',
      says: expect.stringMatching(/^The page is slow\. The one check .* own rule still fires/),
    })
    await story.close()
  })

  test('is not asked for where every check holds and nobody can tell whether the rule fires', async () => {
    const unknown = {
      ...onlyTheRule,
      health: { kind: 'cannot-tell', because: 'rule-unknown' },
      rule: 'unknown',
    } as const
    const story = await play.begin({ ...asked, health: () => unknown, judge: () => proposed })
    expect(await story.until('handed-over')).toMatchObject({ reason: 'still-firing' })
    expect(story.kinds()).not.toContain('investigation-began')
    await story.close()
  })

  test.each([
    [{ kind: 'code-fix', says: 'A null is read.' }, 'code-fix', 'A null is read.'],
    [{ kind: 'person', says: 'It is not known.' }, 'novel', 'It is not known.'],
  ] as const)('%j is handed over as %s', async (judged, reason, says) => {
    const story = await play.begin({ ...asked, judge: () => judged })
    expect(await story.until('handed-over')).toMatchObject({ reason, says })
    await story.close()
  })
})

describe('an investigation', () => {
  test('looks until it concludes, and twelve exchanges with three readings are 200 events at most', async () => {
    let reads = 0
    const story = await play.begin({
      ...asked,
      begin: () => ({ kind: 'begun', investigation: 1, turns: 12, model: 'm', harness: 'h', bytes: 1, unread: true }),
      judge: (turn) => (turn < 12 ? { kind: 'look' } : { kind: 'person', says: 'It is not known.' }),
      look: (turn) => ({ unread: turn < 3 }),
      read: () => {
        reads += 1
        return { kind: 'answered' }
      },
    })
    await story.until('handed-over')
    expect(story.kinds().filter((kind) => kind === 'turn')).toHaveLength(12)
    expect(reads).toBe(3)
    expect(await events(story)).toBeLessThanOrEqual(200)
    await story.close()
  })

  test('whose model always wants more ends with a person', async () => {
    const story = await play.begin({ ...asked, judge: () => ({ kind: 'look' }) })
    expect(await story.until('handed-over')).toMatchObject({ reason: 'novel' })
    expect(story.kinds().filter((kind) => kind === 'turn')).toHaveLength(6)
    await story.close()
  })

  test('whose model can not be asked ends with a person, who reads why', async () => {
    const story = await play.begin({ ...asked, exchange: () => ({ kind: 'failed', says: 'the key is wrong' }) })
    expect(await story.until('handed-over')).toMatchObject({
      reason: 'novel',
      says: expect.stringContaining('the key is wrong'),
    })
    await story.close()
  })

  test('that failed for good ends with a person, who reads what was said of it', async () => {
    const fail = (): never => {
      throw ApplicationFailure.nonRetryable('/keys/one cannot be read.')
    }
    const asking = await play.begin({ ...asked, exchange: fail })
    const looking = await play.begin({ ...asked, judge: () => ({ kind: 'look' }), look: fail })
    for (const story of [asking, looking]) {
      const says = expect.stringContaining('/keys/one cannot be read.')
      expect(await story.until('handed-over')).toMatchObject({ reason: 'novel', says })
      await story.close()
    }
  })

  test('tells each look between its question and the next answer', async () => {
    const judge: Script['judge'] = (turn) =>
      turn === 1 ? { kind: 'look' } : { kind: 'person', says: 'It is not known.' }
    const story = await play.begin({ ...asked, judge })
    await story.until('handed-over')
    expect(kindsFrom(story, 'investigation-began')).toEqual([
      'investigation-began',
      'turn',
      'looked',
      'turn',
      'handed-over',
    ])
    expect(story.entries().map(({ sequence }) => sequence)).toEqual(story.entries().map((_, at) => at + 1))
    await story.close()
  })
})

describe('a budget that is used up', () => {
  const over: Exchanged = { kind: 'over-budget', says: 'All of Millwright has used $50 of $50 in 24 h.' }

  test('pauses it, and it goes on where it stood once a person lifts it', async () => {
    const turns: number[] = []
    let lifted = false
    const story = await play.begin({
      ...asked,
      exchange: (turn) => {
        turns.push(turn)
        return turn === 2 && !lifted ? over : { kind: 'answered' }
      },
      judge: (turn) => (turn === 1 ? { kind: 'look' } : { kind: 'person', says: 'It is not known.' }),
    })
    expect(await story.until('handed-over')).toMatchObject({ reason: 'over-budget', says: over.says })
    lifted = true
    await story.handle.executeUpdate(liftBudget, { args: [{ id: 'one', person: 'ann', dollars: 2 }] })
    expect(await story.until('budget-lifted')).toMatchObject({ person: 'ann', dollars: 2 })
    await expect.poll(() => story.kinds().filter((kind) => kind === 'handed-over').length).toBe(2)
    expect(turns).toEqual([1, 2, 2])
    await expect(
      story.handle.executeUpdate(liftBudget, { args: [{ id: 'two', person: 'ann', dollars: 2 }] }),
    ).rejects.toThrow()
    await story.close()
  })

  test('is not lifted where nothing is paused', async () => {
    const story = await play.begin({ ...asked })
    await story.until('handed-over')
    const lift = story.handle.executeUpdate(liftBudget, { args: [{ id: 'one', person: 'ann', dollars: 2 }] })
    await expect(lift).rejects.toMatchObject({ cause: { message: expect.stringContaining('No investigation') } })
    await story.close()
  })
})
