// Runs that go wrong, and incidents that people have.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { alertsChanged, closeByPerson } from '../../workflows/messages.ts'
import { theatre, type Theatre } from '../support/play.ts'
import { carriedOut, didNotWork, longAgo, target, tooSlow, well, wrong } from '../support/stand-ins.ts'

let play: Theatre
beforeAll(async () => {
  play = await theatre()
})
afterAll(() => play.end())

describe('a run', () => {
  test('whose outcome is unknown is reconciled once and handed over, never repeated', async () => {
    const story = await play.begin({ run: () => ({ kind: 'unknown', says: 'the link was cut' }) })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'unknown' })
    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
    await close(story)
  })

  test('whose outcome is unknown goes to people and stays with them, also when all is well by then', async () => {
    let looks = 0
    const story = await play.begin({
      run: () => ({ kind: 'unknown', says: 'The link was cut.' }),
      reconcile: () => ({ kind: 'unknown', says: 'The host has no record of it.' }),
      source: () => 'resolved',
      health: () => {
        looks += 1
        return well
      },
    })

    expect(await story.until('handed-over')).toEqual({
      kind: 'handed-over',
      reason: 'unknown',
      says:
        'What the run did is not known, so it is not repeated. The host has no record of it. All checks hold ' +
        "now and the alert is clear. web-01 takes no repairs until it is released: npx millwright host release web-01 --reason 'what was checked'",
    })
    // Once before it was handed over, and once because the source says that it is over.
    await expect.poll(() => looks).toBe(2)
    await close(story)
    expect(await story.over()).toMatchObject({ reason: 'closed-by-person' })
  })

  test('whose undo failed stays with people, also when all is well by then', async () => {
    let looks = 0
    const story = await play.begin({
      plan: () => ({ hasUndo: true }),
      await: () => wrong,
      run: (_playbook, undo) => (undo ? didNotWork : carriedOut),
      source: () => 'resolved',
      health: () => {
        looks += 1
        return well
      },
    })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'failed' })
    await expect.poll(() => looks).toBe(1)
    await close(story)
    expect(await story.over()).toMatchObject({ reason: 'closed-by-person' })
  })

  test('that was unknown to the workflow before this one stays with people, too', async () => {
    let looks = 0
    const story = await play.begin(
      {
        standing: { state: 'handed-over', sequence: 0, round: 1, unknown: ['run_1'] },
        source: () => 'resolved',
        health: () => {
          looks += 1
          return well
        },
      },
      { resumed: { sequence: 6, round: 1 } },
    )

    await expect.poll(() => looks).toBe(1)
    await close(story)

    expect(await story.over()).toMatchObject({ reason: 'closed-by-person' })
  })

  test('that the host says succeeded is verified', async () => {
    const story = await play.begin({
      run: () => ({ kind: 'unknown', says: 'the link was cut' }),
      reconcile: () => carriedOut,
    })

    expect(await story.over()).toMatchObject({ reason: 'recovered' })
  })

  test('that nobody hears of within its time is settled as refused', async () => {
    const story = await play.begin({ request: false, deadline: longAgo })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'expired' })
    expect(play.stage.begun(story.incident)).toEqual([])
    await close(story)
  })

  test('that ends after people were told is written down, and nothing else happens', async () => {
    const gate = Promise.withResolvers<void>()
    const story = await play.begin({
      ...tooSlow,
      scope: { ...target, host: 'late-01' },
      run: async () => {
        await gate.promise
        return carriedOut
      },
    })
    expect(await story.until('handed-over')).toMatchObject({ reason: 'unknown' })

    gate.resolve()
    await expect.poll(() => story.kinds().filter((kind) => kind === 'run-ended')).toHaveLength(2)
    await close(story)

    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
    expect(story.kinds().at(-1)).toBe('closed')
  })

  test('that ends between its time-out and the hand-over is written down, too', async () => {
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<Awaited<ReturnType<Theatre['begin']>>>()
    const story = await play.begin({
      ...tooSlow,
      scope: { ...target, host: 'late-02' },
      run: async () => {
        await gate.promise
        return carriedOut
      },
      health: async () => {
        gate.resolve()
        const { handle } = await begun.promise
        const heard = async () =>
          (await handle.fetchHistory()).events?.some((event) => event.workflowExecutionSignaledEventAttributes)
        await vi.waitFor(async () => expect(await heard()).toBe(true), { timeout: 60_000 })
        return { ...wrong, rule: 'firing' }
      },
    })
    begun.resolve(story)

    await story.until('handed-over')
    await expect.poll(() => story.kinds().filter((kind) => kind === 'run-ended')).toHaveLength(2)
    await close(story)
  })

  test('is not begun while changes are stopped', async () => {
    let stopped = false
    const story = await play.begin({ policy: () => 'ask', stopped: () => stopped })
    await story.until('asked')
    stopped = true

    await story.decide({})

    expect(await story.until('handed-over')).toMatchObject({ reason: 'stopped' })
    expect(story.kinds()).not.toContain('run-requested')
    stopped = false
    await close(story)
  })
})

describe('an approval that counts no more when the run is to begin', () => {
  test('is told as what it is, with what to do next, and nothing runs', async () => {
    const says = "ann's approval could not be delivered in time and was made void; ann was told so."
    const story = await play.begin({
      policy: () => 'ask',
      refused: () => ({ kind: 'refused', code: 'conflict.not-delivered', says }),
    })

    await story.decide({})

    const handedOver = await story.until('handed-over')
    expect(handedOver).toMatchObject({ reason: 'decision-void', says: expect.stringContaining(says) })
    expect(handedOver.says).toContain('close this incident: when the alert fires again')
    expect(story.kinds()).not.toContain('run-requested')
    expect(play.stage.begun(story.incident)).toEqual([])
    await close(story)
  })

  test('for what would be done by now says so, and what to do next', async () => {
    const story = await play.begin({
      policy: () => 'ask',
      run: () => ({ kind: 'refused', code: 'run.not-as-previewed', says: 'It would change /etc/a.' }),
    })

    await story.decide({})

    expect(await story.until('handed-over')).toMatchObject({
      reason: 'decision-void',
      says: expect.stringContaining('close this incident: when the alert fires again'),
    })
    await close(story)
  })

  test('for an undo says that the undo was not started', async () => {
    let opened = 0
    const story = await play.begin({
      plan: () => ({ hasUndo: true }),
      await: () => wrong,
      refused: () => {
        opened += 1
        return opened === 1 ? null : { kind: 'refused', code: 'policy.forbidden', says: 'Policy says no by now.' }
      },
    })

    expect(await story.until('handed-over')).toMatchObject({
      reason: 'failed',
      says: 'It did not help, and what it changed stands: it was not undone. The undo was not started: Policy says no by now.',
    })
    await close(story)
  })
})

describe('an incident that people have', () => {
  test('is closed by a person', async () => {
    const story = await play.begin({ policy: () => 'forbid' })
    await story.until('handed-over')

    await close(story)

    expect(await story.over()).toMatchObject({ reason: 'closed-by-person', person: 'ann', says: 'done by hand' })
  })

  test('is closed when the source resolved and all is well', async () => {
    let isOver = false
    const story = await play.begin({
      policy: () => 'forbid',
      source: () => (isOver ? 'resolved' : 'firing'),
      health: () => (isOver ? well : wrong),
    })
    await story.until('handed-over')
    await story.handle.signal(alertsChanged)
    isOver = true

    await story.handle.signal(alertsChanged)

    expect(await story.over()).toMatchObject({ reason: 'recovered-by-itself' })
    expect(story.kinds()).toContain('source-resolved')
  })

  test('stays open when the source resolved and probes say otherwise', async () => {
    const story = await play.begin({ policy: () => 'forbid', source: () => 'resolved' })
    await story.until('handed-over')

    await story.handle.signal(alertsChanged)
    await story.until('source-resolved')

    expect((await story.handle.describe()).status.name).toBe('RUNNING')
    await close(story)
  })

  test('whose workflow was lost goes to people, and nothing is run', async () => {
    const story = await play.begin(
      { standing: { state: 'remediating', sequence: 0, round: 1 } },
      { resumed: { sequence: 6, round: 1 } },
    )

    expect(await story.until('handed-over')).toMatchObject({ reason: 'unknown' })
    expect(story.entries()[0]?.sequence).toBe(7)
    expect(play.stage.begun(story.incident)).toEqual([])
    await close(story)
  })

  test('can not be closed while something is being done', async () => {
    const gate = Promise.withResolvers<void>()
    const story = await play.begin({
      run: async () => {
        await gate.promise
        return carriedOut
      },
    })
    await story.until('run-requested')

    await expect(close(story)).rejects.toThrow()

    gate.resolve()
    expect(await story.over()).toMatchObject({ reason: 'recovered' })
  })
})

async function close(story: Awaited<ReturnType<Theatre['begin']>>): Promise<void> {
  await story.handle.executeUpdate(closeByPerson, { args: [{ person: 'ann', says: 'done by hand' }] })
}
