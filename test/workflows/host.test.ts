// One host, one change.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostWorkflowId, runRequested } from '../../workflows/messages.ts'
import { theatre, type Theatre } from '../support/play.ts'
import { carriedOut, known, target, well, wrong } from '../support/stand-ins.ts'

let play: Theatre
beforeAll(async () => {
  play = await theatre()
})
afterAll(() => play.end())

describe('a host', () => {
  test('carries out one run after the other', async () => {
    const scope = { ...target, host: 'busy-01' }
    let running = 0
    let most = 0
    const run = async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => {
        setTimeout(resolve, 50)
      })
      running -= 1
      return carriedOut
    }

    const stories = await Promise.all([1, 2, 3].map(() => play.begin({ scope, run })))
    const closed = await Promise.all(stories.map((story) => story.over()))

    expect(closed.map(({ reason }) => reason)).toEqual(['recovered', 'recovered', 'recovered'])
    expect(most).toBe(1)
  })

  test('that another incident is changing is looked at again when that is over', async () => {
    let changing = true
    let looks = 0
    const story = await play.begin({
      scope: { ...target, host: 'shared-01' },
      // The other incident is done once it was seen twice.
      changedBy: () => {
        looks += 1
        changing = looks < 3
        return changing ? 'inc_other' : null
      },
      recognise: () => (changing ? known('service-restart') : { kind: 'none', not: [] }),
      health: () => (changing ? wrong : { ...well, repairedBy: 7 }),
    })

    expect(await story.over()).toMatchObject({
      reason: 'repaired-by-another',
      says: 'INC-7 repaired it. All checks hold and the alert is clear.',
    })
    expect(await story.until('waits-for')).toEqual({ kind: 'waits-for', incident: 7, host: 'web-01' })
    expect(story.kinds().filter((kind) => kind === 'waits-for')).toHaveLength(1)
    expect(play.stage.begun(story.incident)).toEqual([])
  })

  test('runs what is asked for twice only once', async () => {
    const gate = Promise.withResolvers<void>()
    const scope = { ...target, host: 'twice-01' }
    const story = await play.begin({
      scope,
      run: async () => {
        await gate.promise
        return carriedOut
      },
    })
    const { run, deadline } = await story.until('run-requested')
    await expect.poll(() => play.stage.begun(story.incident), { timeout: 60_000 }).toEqual(['service-restart'])
    const again = { run, deadline, incident: story.incident }

    await play.temporal.client.workflow.getHandle(hostWorkflowId('twice-01')).signal(runRequested, again)
    gate.resolve()

    await story.over()
    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
  })

  test('drops what comes after its deadline, and says so', async () => {
    const scope = { ...target, host: 'slow-01' }
    const story = await play.begin({ scope, deadline: () => new Date(Date.now() - 1_000) })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'expired' })
    expect(play.stage.begun(story.incident)).toEqual([])
  })

  test('asks the row when its worker is lost, and never begins again', async () => {
    const scope = { ...target, host: 'lost-01' }
    const story = await play.begin({
      scope,
      run: () => Promise.reject(new Error('the worker was lost')),
      reconcile: () => ({ kind: 'failed', says: 'it was cut short', task: null, changed: 0 }),
    })

    expect(await story.until('run-ended')).toMatchObject({ outcome: { kind: 'failed' } })
    await story.until('handed-over')
    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
  })

  test('whose record can not be read leaves the outcome unknown', async () => {
    const scope = { ...target, host: 'mute-01' }
    const story = await play.begin({ scope, run: () => Promise.reject(new Error('lost')) })

    expect(await story.until('handed-over')).toMatchObject({ reason: 'unknown' })
  })

  test('ends when nothing is left to do', async () => {
    const scope = { ...target, host: 'idle-01' }
    const story = await play.begin({ scope })
    await story.over()

    const host = play.temporal.client.workflow.getHandle(hostWorkflowId('idle-01'))

    await host.result()
    expect((await host.describe()).status.name).toBe('COMPLETED')
  })
})
