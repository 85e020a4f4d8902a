// The straight line and each way in which it ends, told by the real workflows on a real server.
import { ApplicationFailure } from '@temporalio/common'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FailureCode } from '../../domain/failure.ts'
import { closeByPerson } from '../../workflows/messages.ts'
import { theatre, type Theatre } from '../support/play.ts'
import { carriedOut, didNotWork, known, notHeld, target, type Script, well, wrong } from '../support/stand-ins.ts'

let play: Theatre
beforeAll(async () => {
  play = await theatre()
})
afterAll(() => play.end())

describe('a known fault', () => {
  test('is repaired alone, verified and closed, each transition written in order', async () => {
    const story = await play.begin({})

    const closed = await story.over()

    expect(closed).toMatchObject({ reason: 'recovered', person: null })
    expect(story.kinds()).toEqual([
      'scoped',
      'looked',
      'recognised',
      'planned',
      'policy',
      'run-requested',
      'run-ended',
      'recovered',
      'verified',
      'closed',
    ])
    expect(story.entries().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const states = story.entries().flatMap(({ state }) => state ?? [])
    expect(states).toEqual(['investigating', 'remediating', 'verifying', 'closed'])
  })

  test('whose story begins again counts on from where it stood', async () => {
    const story = await play.begin({ standing: { state: 'open', sequence: 7, round: 3 } })

    await story.over()

    expect(story.entries()[0]?.sequence).toBe(8)
    expect(await story.until('looked')).toMatchObject({ round: 4 })
  })

  test('that a first playbook does not end gets a second, different one', async () => {
    const story = await play.begin({
      recognise: (tried) => known(tried.includes('service-restart') ? 'config-restore' : 'service-restart'),
      run: (playbook) => (playbook === 'service-restart' ? didNotWork : carriedOut),
    })

    const closed = await story.over()

    expect(closed.reason).toBe('recovered')
    expect(play.stage.begun(story.incident)).toEqual(['service-restart', 'config-restore'])
  })

  test('is given to people after two attempts', async () => {
    const playbooks = ['a', 'b', 'c']
    const story = await play.begin({
      recognise: (tried) => known(playbooks.find((one) => !tried.includes(one)) ?? 'none'),
      await: () => ({ ...wrong, rule: 'firing' }),
    })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'attempts-used' })
    expect(play.stage.begun(story.incident)).toEqual(['a', 'b'])
  })

  test('that one broken probe hid is seen with a second look', async () => {
    let looks = 0
    const story = await play.begin({
      recognise: () => {
        looks += 1
        return looks === 1 ? { kind: 'none', not: [], unseen: ['journal: it broke'] } : known('service-restart')
      },
    })

    expect(await story.over()).toMatchObject({ reason: 'recovered' })
  })

  test('that a unit between two states hid is seen a moment later', async () => {
    let looks = 0
    const story = await play.begin({
      recognise: () => {
        looks += 1
        return looks === 1 ? { kind: 'none', not: [], passing: true } : known('service-restart')
      },
    })

    expect(await story.over()).toMatchObject({ reason: 'recovered' })
  })

  test('that was tried before, elsewhere, uses up its attempts', async () => {
    const story = await play.begin({
      scope: { ...target, attemptsUsed: 1, tried: ['service-restart'] },
      recognise: (tried) => known(tried.includes('b') ? 'c' : 'b'),
      run: () => didNotWork,
    })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'attempts-used' })
    expect(play.stage.begun(story.incident)).toEqual(['b'])
  })

  test('whose only playbook failed is handed over as failed', async () => {
    const story = await play.begin({ run: () => didNotWork })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'failed' })
    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
  })

  test('that does not stay well is undone where the playbook declares it', async () => {
    const story = await play.begin({
      plan: () => ({ hasUndo: true }),
      hold: () => notHeld,
    })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'failed' })
    expect(play.stage.begun(story.incident)).toEqual(['service-restart', 'undo service-restart'])
    expect(story.kinds()).toContain('not-recovered')
  })

  test('of which nobody can tell whether it helped is not undone: people get it', async () => {
    const checks = [
      { says: 'no other unit has failed', answer: 'unknown', observed: 'nothing', evidence: null },
    ] as const
    const story = await play.begin({
      plan: () => ({ hasUndo: true }),
      await: () => ({ ...well, health: { kind: 'cannot-tell', because: 'before-unknown' }, checks }),
    })

    expect(await story.until('handed-over')).toMatchObject({
      reason: 'unknown',
      says: expect.stringContaining('whether no other unit has failed is not known'),
    })
    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
    expect(story.kinds()).not.toContain('not-recovered')
  })

  test('that held until its rule is waited for no longer is not undone either', async () => {
    const story = await play.begin({
      plan: () => ({ hasUndo: true }),
      hold: () => ({ ...notHeld, health: { kind: 'cannot-tell', because: 'rule-looks-back' }, rule: 'firing' }),
    })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'unknown', says: expect.stringContaining('rule') })
    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
  })

  test('whose undo fails is handed over', async () => {
    const story = await play.begin({
      plan: () => ({ hasUndo: true }),
      await: () => wrong,
      run: (_playbook, undo) => (undo ? didNotWork : carriedOut),
    })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'failed' })
  })
})

describe('what Millwright does not do alone', () => {
  const cases: readonly (readonly [string, Partial<Script>, string, RegExp])[] = [
    ['what the inventory does not know', { scope: { kind: 'unresolved', says: 'who?' } }, 'unknown-target', /who/],
    ['a storm', { scope: { kind: 'storm', says: 'many' } }, 'storm', /many/],
    ['a host that does not answer', unreachable('unreachable'), 'unreachable', /^no answer/],
    ['a host with a strange key, as a security finding', unreachable('wrong-key'), 'unreachable', /^Security finding/],
    [
      'what is ambiguous',
      { recognise: () => ({ kind: 'several', matches: [{ playbook: 'a', says: '' }] }) },
      'ambiguous',
      /a/,
    ],
    ['what no known fault explains', { recognise: () => ({ kind: 'none', not: [] }) }, 'novel', /No known/],
    [
      'what could not be seen, twice,',
      { recognise: () => ({ kind: 'none', not: [], unseen: ['journal: it broke'] }) },
      'novel',
      /could not be seen: journal: it broke/,
    ],
    [
      'a unit that stays between two states',
      { recognise: () => ({ kind: 'none', not: [], passing: true }) },
      'novel',
      /No known/,
    ],
    ['a plan that does not apply', { plan: () => 'the disk is not full' }, 'none-applicable', /not full/],
    ['what policy forbids', { policy: () => 'forbid' }, 'forbidden', /policy says forbid/],
    ['what is stopped', { policy: () => 'stopped' }, 'stopped', /stopped/],
    ['what the run refused', refusedWith('policy.forbidden'), 'forbidden', /Nothing was started/],
    ['a run that changes being stopped refused', refusedWith('stopped'), 'stopped', /Nothing was started/],
    ['a run that came too late', refusedWith('conflict.expired'), 'expired', /Nothing was started/],
  ]

  test.each(cases)('%s is handed over', async (_name, script, reason, says) => {
    const story = await play.begin(script)

    const handed = await story.until('handed-over')

    expect(handed.reason).toBe(reason)
    expect(handed.says).toMatch(says)
    await close(story)
  })

  test('a step that fails for good is handed over, never silent', async () => {
    const story = await play.begin({
      recognise: () => {
        throw ApplicationFailure.nonRetryable('the catalogue is gone')
      },
    })

    expect(await story.until('handed-over')).toMatchObject({
      reason: 'broken',
      says: expect.stringContaining('catalogue is gone'),
    })
    await close(story)
  })

  test('what is well by its own rule is closed without a change', async () => {
    const story = await play.begin({ recognise: () => ({ kind: 'none', not: [] }), health: () => well })

    expect(await story.over()).toMatchObject({ reason: 'recovered-by-itself' })
    expect(play.stage.begun(story.incident)).toEqual([])
  })

  const check = { says: 'nginx.service is active', answer: 'holds', observed: 'active', evidence: null } as const
  test('without a rule it counts as over only when the source says so, too', async () => {
    const health = () => ({ ...well, rule: 'none', checks: [check] }) as const
    const story = await play.begin({ recognise: () => ({ kind: 'none', not: [] }), health })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'still-firing' })
    await close(story)
  })

  test.each([
    ['firing', { kind: 'wrong', because: 'only-rule-fires' }, /The one check of web-01 hold.* own rule still fires/],
    ['unknown', { kind: 'cannot-tell', because: 'rule-unknown' }, /could not be asked/],
    ['none', { kind: 'well' }, /the source has not said that it is over/],
  ] as const)('where every check holds, an alert that is %s is told as the only thing left', async (rule, is, says) => {
    const health = () => ({ ...well, health: is, rule, checks: [check] })
    const story = await play.begin({ recognise: () => ({ kind: 'none', not: [] }), health })

    const handed = await story.until('handed-over')

    expect(handed).toMatchObject({ reason: 'still-firing', says: expect.stringMatching(says) })
    await close(story)
  })

  test('after a repair nobody reads that nothing was changed, also where only the alert goes on', async () => {
    const story = await play.begin({
      scope: { ...target, tried: ['service-restart'] },
      recognise: () => ({ kind: 'none', not: [] }),
      health: () => ({
        ...wrong,
        health: { kind: 'wrong', because: 'only-rule-fires' },
        rule: 'firing',
        checks: [check],
      }),
    })

    const { reason, says } = await story.until('handed-over')

    expect({ reason, says }).toEqual({
      reason: 'still-firing',
      says: expect.stringMatching(
        /own rule still fires\. Before: service-restart \(tried before\)\. Once the source says/,
      ),
    })
    await close(story)
  })
})

function unreachable(reason: 'unreachable' | 'wrong-key'): Partial<Script> {
  return { collect: () => ({ evidence: [], failed: 0, milliseconds: 1, unreachable: { reason, says: 'no answer' } }) }
}

function refusedWith(code: FailureCode): Partial<Script> {
  return { run: () => ({ kind: 'refused', code, says: 'no' }) }
}

async function close(story: Awaited<ReturnType<Theatre['begin']>>): Promise<void> {
  await story.handle.executeUpdate(closeByPerson, { args: [{ person: 'ann', says: 'done by hand' }] })
}
