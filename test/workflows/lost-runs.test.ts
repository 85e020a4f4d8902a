// Runs of which nobody can say at once what they came to: unreadable rows, and workflows that were lost.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { alertsChanged } from '../../workflows/messages.ts'
import { type Played, theatre, type Theatre } from '../support/play.ts'
import { carriedOut, type Script, target, well } from '../support/stand-ins.ts'

let play: Theatre
beforeAll(async () => {
  play = await theatre()
})
afterAll(() => play.end())

test('a run whose row can not be read when it is over is unknown, until it can be read', async () => {
  let reads = 0
  const story = await play.begin({
    readable: () => {
      reads += 1
      return reads > 1
    },
  })

  expect(await story.until('handed-over')).toMatchObject({ reason: 'unknown' })
  await expect.poll(() => outcomes(story)).toEqual(['unknown', 'succeeded'])
  await story.close()
})

describe('a run that was under way when the workflow of its incident was lost', () => {
  test('is unknown, and its host in quarantine, where a person closes the incident before anybody knows', async () => {
    const gate = Promise.withResolvers<void>()
    onTestFinished(() => gate.resolve())
    const asked = Promise.withResolvers<void>()
    const script: Partial<Script> = {
      scope: { ...target, host: 'lost-01' },
      run: async () => {
        await gate.promise
        return carriedOut
      },
      reconcile: async () => {
        asked.resolve()
        await gate.promise
        return carriedOut
      },
    }
    const first = await play.begin(script)
    await expect.poll(() => play.stage.begun(first.incident)).toHaveLength(1)
    await first.handle.terminate()
    const story = await play.begin(script, { incident: first.incident, resumed: { sequence: 9, round: 1 } })
    await asked.promise

    await story.close()

    expect(await story.over()).toMatchObject({ reason: 'closed-by-person' })
    expect(outcomes(story)).toEqual(['unknown'])
  })

  test('and can not be asked for is left to people, also when all is well by then', async () => {
    let looks = 0
    const story = await play.begin(
      {
        standing: { state: 'remediating', sequence: 0, round: 1 },
        readable: () => false,
        source: () => 'resolved',
        health: () => {
          looks += 1
          return well
        },
      },
      { resumed: { sequence: 6, round: 1 } },
    )

    await expect.poll(() => looks).toBe(1)
    await story.handle.signal(alertsChanged)
    await expect.poll(() => looks).toBe(2)
    await story.close()

    expect(await story.over()).toMatchObject({ reason: 'closed-by-person' })
  })
})

/** What people were told that its runs came to. */
function outcomes(story: Played): readonly string[] {
  return story.entries().flatMap(({ entry }) => (entry.kind === 'run-ended' ? [entry.outcome.kind] : []))
}
