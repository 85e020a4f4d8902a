// It is measured whether an alert has ended by itself: meanwhile people are heard at once.
import { Context } from '@temporalio/activity'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { alertsChanged } from '../../workflows/messages.ts'
import { theatre, type Played, type Theatre } from '../support/play.ts'
import { didNotWork, type Script, well, wrong } from '../support/stand-ins.ts'

let play: Theatre
beforeAll(async () => {
  play = await theatre()
})
afterAll(() => play.end())

describe('what has ended', () => {
  test('is not said to have ended without us where something was run, nor by that', async () => {
    let isOver = false
    const story = await play.begin({
      run: () => didNotWork,
      source: () => (isOver ? 'resolved' : 'firing'),
      health: () => (isOver ? well : wrong),
    })
    await story.until('handed-over')
    isOver = true

    await story.handle.signal(alertsChanged)

    expect(await story.over()).toMatchObject({
      reason: 'recovered-by-itself',
      says: 'All checks hold and the alert is clear. Whether what was run before had a part in it is not known.',
    })
  })
})

describe('while a measurement goes on', () => {
  test('an approval counts at once, and the run begins', async () => {
    const { story } = await asked({})

    await story.decide({})

    expect(await story.over()).toMatchObject({ reason: 'recovered' })
    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
  })

  test('a rejection counts at once', async () => {
    const { story } = await asked({})

    await story.decide({ verdict: 'reject' })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'rejected' })
    expect(play.stage.begun(story.incident)).toEqual([])
    await story.close()
  })

  test('a close of what waits for a decision counts at once', async () => {
    const { story } = await asked({})

    await story.close()

    expect(await story.over()).toMatchObject({ reason: 'closed-by-person', person: 'ann' })
  })

  test('the first of two approvals is written down at once, and withdrawn with the plan when all is well', async () => {
    const { story, measured } = await asked({ plan: () => ({ approvals: 2 }) })

    await story.decide({ person: 'ann' })
    expect(await story.until('decided')).toMatchObject({ person: 'ann' })
    measured(true)

    expect(await story.over()).toMatchObject({ reason: 'recovered-by-itself' })
    expect(play.stage.begun(story.incident)).toEqual([])
    expect(story.kinds().filter((kind) => kind === 'source-resolved')).toHaveLength(1)
  })

  test('a plan that nobody decides on expires in time', async () => {
    const { story } = await asked({
      plan: () => ({ expiresAt: new Date(Date.now() + 3_000).toISOString() }),
    })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'expired' })
    await story.close()
  })

  test('a person who has it closes it at once', async () => {
    const { script, begun } = measuring({ policy: () => 'forbid' })
    const story = await play.begin(script)
    await begun

    await story.close()

    expect(await story.over()).toMatchObject({ reason: 'closed-by-person', person: 'ann' })
  })

  test('what the source says meanwhile is looked at after it', async () => {
    const { story, measured } = await asked({})

    await story.handle.signal(alertsChanged)
    measured(false)

    await expect.poll(() => story.kinds().filter((kind) => kind === 'source-resolved')).toHaveLength(2)
    expect(await story.over()).toMatchObject({ reason: 'recovered-by-itself' })
  })
})

type Measuring = {
  readonly script: Partial<Script>
  /** Resolves when a measurement has begun. */
  readonly begun: Promise<void>
  /** Ends those that have begun; whether all is well. It is for those that begin afterwards. */
  readonly measured: (isWell: boolean) => void
}

function measuring(script: Partial<Script>): Measuring {
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<boolean>()
  let over = false
  const measured = (isWell: boolean): void => {
    over = true
    gate.resolve(isWell)
  }
  const health = async () => {
    begun.resolve()
    return over || (await Promise.race([gate.promise, Context.current().cancelled])) ? well : wrong
  }
  onTestFinished(() => measured(true))
  return { script: { ...script, source: () => 'resolved', health }, begun: begun.promise, measured }
}

/** A plan waits for people, and it is measured whether all is well already. */
async function asked(change: Partial<Script>): Promise<{ story: Played; measured: Measuring['measured'] }> {
  const { script, begun, measured } = measuring({ policy: () => 'ask', ...change })
  const story = await play.begin(script)
  await story.until('asked')
  await story.handle.signal(alertsChanged)
  await begun
  return { story, measured }
}
