// Asking people: what counts, what does not, and what happens meanwhile.
import { WorkflowUpdateFailedError } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TimelineEntry } from '../../domain/timeline.ts'
import { alertsChanged, askForMore, closeByPerson, waitingFor } from '../../workflows/messages.ts'
import { theatre, type Played, type Theatre } from '../support/play.ts'
import { type Script, well, wrong } from '../support/stand-ins.ts'

const asks: Partial<Script> = { policy: () => 'ask' }

let play: Theatre
beforeAll(async () => {
  play = await theatre()
})
afterAll(() => play.end())

describe('a plan that waits for people', () => {
  test('runs once it is approved', async () => {
    const story = await play.begin(asks)

    expect(await story.decide({})).toEqual({ accepted: true })

    expect(await story.over()).toMatchObject({ reason: 'recovered' })
    expect(await story.until('decided')).toMatchObject({ verdict: 'approve', person: 'ann' })
    expect(story.entries().map(({ state }) => state)).toContain('awaiting-approval')
  })

  test('says what it waits for, and until when', async () => {
    const story = await play.begin(asks)
    const asked = await story.until('asked')

    await expect
      .poll(() => story.handle.query(waitingFor))
      .toEqual({ what: 'a decision', plan: asked.plan, until: asked.expiresAt })
    await end(story)
  })

  test('does not run when it is rejected', async () => {
    const story = await play.begin(asks)

    await story.decide({ verdict: 'reject', reason: 'not tonight' })

    expect(await story.until('handed-over')).toMatchObject({
      reason: 'rejected',
      says: expect.stringContaining('not tonight'),
    })
    await nothingRan(story)
  })

  test('does not run when somebody takes over', async () => {
    const story = await play.begin(asks)

    await story.decide({ verdict: 'take-over' })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'taken-over' })
    await nothingRan(story)
  })

  test('expires without a decision, and nothing runs', async () => {
    const story = await play.begin({ ...asks, plan: () => ({ expiresAt: new Date(Date.now() + 300).toISOString() }) })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'expired' })
    expect(story.kinds()).toContain('approval-expired')
    await nothingRan(story)
  })

  test('of tier 3 needs two people', async () => {
    const story = await play.begin({ ...asks, plan: () => ({ approvals: 2 }) })

    await story.decide({ person: 'ann' })
    expect(await refusal(story.decide({ person: 'ann' }))).toBe('conflict.already-decided')
    expect(story.kinds()).not.toContain('run-requested')
    await story.decide({ person: 'bob' })

    expect(await story.over()).toMatchObject({ reason: 'recovered' })
  })

  test('is withdrawn when the source resolved and all is well', async () => {
    const story = await play.begin({ ...asks, source: () => 'resolved', health: () => well })
    await story.until('asked')

    await story.handle.signal(alertsChanged)

    expect(await story.over()).toMatchObject({ reason: 'recovered-by-itself' })
    expect(play.stage.begun(story.incident)).toEqual([])
  })

  test('goes on waiting when the source resolved and probes say otherwise', async () => {
    const story = await play.begin({ ...asks, source: () => 'resolved' })
    await story.until('asked')
    await story.handle.signal(alertsChanged)
    await story.until('source-resolved')

    await story.decide({})

    expect(await story.over()).toMatchObject({ reason: 'recovered' })
  })

  test('is dropped when somebody asks for more: fresh evidence, another plan, another decision', async () => {
    const story = await play.begin({ ...asks, plan: (_playbook, _attempt) => ({}) })
    const { digest } = await story.until('asked')

    const question = { planDigest: digest, person: 'ann', says: 'is it still so?' }
    expect(await story.handle.executeUpdate(askForMore, { args: [question] })).toEqual({ accepted: true })

    expect(await story.until('more-asked')).toMatchObject({ person: 'ann', says: 'is it still so?' })
    await expect.poll(() => story.kinds().filter((kind) => kind === 'asked').length).toBe(2)
    expect(story.kinds().filter((kind) => kind === 'looked')).toHaveLength(2)
    expect(play.stage.begun(story.incident)).toEqual([])
    await story.decide({ planDigest: lastAsked(story).digest })
    expect(await story.over()).toMatchObject({ reason: 'recovered' })
  })

  test('is asked about again after that, also when policy would let it run alone by then', async () => {
    let asked = false
    const story = await play.begin({ policy: () => (asked ? 'auto' : 'ask') })
    const { digest } = await story.until('asked')
    asked = true

    await story.handle.executeUpdate(askForMore, { args: [{ planDigest: digest, person: 'ann', says: '' }] })

    await expect.poll(() => story.kinds().filter((kind) => kind === 'asked').length).toBe(2)
    expect(play.stage.begun(story.incident)).toEqual([])
    await end(story)
  })

  test('is closed by a person without a run', async () => {
    const story = await play.begin(asks)
    await story.until('asked')

    await end(story)

    expect(await story.over()).toMatchObject({ reason: 'closed-by-person' })
    expect(play.stage.begun(story.incident)).toEqual([])
  })

  test('that is an undo asks like any other', async () => {
    const story = await play.begin({
      policy: (_playbook, undo) => (undo ? 'ask' : 'auto'),
      plan: () => ({ hasUndo: true }),
      await: () => wrong,
    })

    await story.decide({ verdict: 'reject' })

    expect(await story.until('handed-over')).toMatchObject({
      reason: 'rejected',
      says: expect.stringMatching(/^It did not help, and what it changed stands: it was not undone. ann rejected/),
    })
    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
    await end(story)
  })

  test('that is an undo and expires does not say that nothing was carried out', async () => {
    const story = await play.begin({
      policy: (_playbook, undo) => (undo ? 'ask' : 'auto'),
      plan: (_playbook, _attempt, kind) =>
        kind === 'undo' ? { expiresAt: new Date(Date.now() + 300).toISOString() } : { hasUndo: true },
      await: () => wrong,
    })

    expect(await story.until('handed-over')).toMatchObject({
      reason: 'expired',
      says:
        'It did not help, and what it changed stands: it was not undone. ' +
        'Nobody decided in time, so the plan was not carried out.',
    })
    await end(story)
  })

  test('that is an undo and forbidden leaves a change, which people read', async () => {
    const story = await play.begin({
      policy: (_playbook, undo) => (undo ? 'forbid' : 'auto'),
      plan: () => ({ hasUndo: true }),
      await: () => wrong,
    })

    expect(await story.until('handed-over')).toMatchObject({
      reason: 'forbidden',
      says: 'It did not help, and what it changed stands: it was not undone. policy says forbid',
    })
    await end(story)
  })
})

describe('a decision is refused', () => {
  test('when it is late', async () => {
    const story = await play.begin(asks)

    const late = story.decide({ validUntil: new Date(Date.now() - 1_000).toISOString() })

    expect(await refusal(late)).toBe('conflict.expired')
    await end(story)
  })

  test('when it is about another plan', async () => {
    const story = await play.begin(asks)

    expect(await refusal(story.decide({ planDigest: 'another' }))).toBe('conflict.plan-changed')
    await end(story)
  })

  test('when the plan is decided', async () => {
    const story = await play.begin(asks)
    await story.decide({ verdict: 'reject' })

    expect(await refusal(story.decide({}))).toBe('conflict.already-decided')
    await end(story)
  })

  test('when nothing waits for one', async () => {
    const story = await play.begin({ policy: () => 'forbid' })
    await story.until('handed-over')

    const asked = { planDigest: 'any', verdict: 'approve', person: 'ann', reason: '' } as const
    const decision = { ...asked, id: 'dec_1', validUntil: new Date(Date.now() + 20_000).toISOString() }

    expect(await refusal(story.handle.executeUpdate('decide', { args: [decision] }))).toBe('conflict.already-decided')
    await end(story)
  })

  test('and delivered again with the same id it is answered as the first time', async () => {
    const story = await play.begin(asks)
    const id = 'dec_the_same'

    await story.decide({ id })

    expect(await story.decide({ id })).toEqual({ accepted: true })
    await story.over()
  })
})

describe('asking for more is refused', () => {
  const more = (story: Played, planDigest: string) =>
    story.handle.executeUpdate(askForMore, { args: [{ planDigest, person: 'ann', says: '' }] })

  test('about another plan, and when nothing waits', async () => {
    const story = await play.begin(asks)
    await story.until('asked')
    expect(await refusal(more(story, 'another'))).toBe('conflict.plan-changed')
    await story.decide({ verdict: 'reject' })
    await story.until('handed-over')
    expect(await refusal(more(story, 'another'))).toBe('conflict.already-decided')
    await end(story)
  })

  test('after three times', async () => {
    const story = await play.begin(asks)
    await story.until('asked')
    for (const times of [1, 2, 3]) {
      await more(story, lastAsked(story).digest)
      await expect.poll(() => story.kinds().filter((kind) => kind === 'asked').length).toBe(times + 1)
    }
    expect(await refusal(more(story, lastAsked(story).digest))).toBe('input.usage')
    await end(story)
  })

  test('about an undo', async () => {
    const story = await play.begin({
      policy: (_playbook, undo) => (undo ? 'ask' : 'auto'),
      plan: () => ({ hasUndo: true }),
      await: () => wrong,
    })
    const { digest } = await story.until('asked')
    expect(await refusal(more(story, digest))).toBe('input.usage')
    await end(story)
  })
})

function lastAsked(story: Played): Extract<TimelineEntry, { kind: 'asked' }> {
  const entry = story.entries().findLast(({ entry: one }) => one.kind === 'asked')?.entry
  if (entry?.kind !== 'asked') throw new Error('nobody was asked')
  return entry
}

async function refusal(update: Promise<unknown>): Promise<unknown> {
  try {
    await update
    return 'accepted'
  } catch (error) {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : error
    return typeof cause === 'object' && cause !== null && 'type' in cause ? cause.type : cause
  }
}

async function nothingRan(story: Played): Promise<void> {
  expect(play.stage.begun(story.incident)).toEqual([])
  expect(story.kinds()).not.toContain('run-requested')
  await end(story)
}

async function end(story: Played): Promise<void> {
  await story.handle.executeUpdate(closeByPerson, { args: [{ person: 'ann', says: 'enough' }] })
}
