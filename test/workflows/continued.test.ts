// Histories that grow too long are continued as new. A real server suggests it after a few events instead of thousands;
// nothing is lost by it, and nothing is done or written twice.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WorkflowHandle } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTemporal, type EmbeddedTemporal } from '../../runtime/embedded-temporal.ts'
import { alertsChanged, hostWorkflowId, liftBudget } from '../../workflows/messages.ts'
import { theatre, type Played, type Theatre } from '../support/play.ts'
import { carriedOut, target, well, wrong } from '../support/stand-ins.ts'

/** A server's own default is 4096. */
const suggestAfterEvents = 40

const folder = mkdtempSync(join(tmpdir(), 'millwright-continued-'))
let server: EmbeddedTemporal
let play: Theatre
beforeAll(async () => {
  const limits = { 'limit.historyCount.suggestContinueAsNew': suggestAfterEvents }
  server = await startTemporal({ dataDir: folder, limits })
  play = await theatre('sealed', server.address)
})
afterAll(async () => {
  await play.end()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('an incident that people have for long', () => {
  test('is continued, and a person ends it as before', async () => {
    const story = await play.begin({ recognise: () => ({ kind: 'none', not: [] }) })
    await story.until('handed-over')
    const before = story.kinds()

    await continued(story)

    expect(story.kinds()).toEqual(before)
    await story.close()
    expect(await story.over()).toMatchObject({ reason: 'closed-by-person', person: 'ann' })
    expect(story.kinds()).toEqual([...before, 'closed'])
    expect(story.entries().map(({ sequence }) => sequence)).toEqual(story.entries().map((_entry, at) => at + 1))
  })

  test('is continued more than once, and closes when all is well', async () => {
    let isOver = false
    const story = await play.begin({
      recognise: () => ({ kind: 'none', not: [] }),
      source: () => (isOver ? 'resolved' : 'firing'),
      health: () => (isOver ? well : wrong),
    })
    await story.until('handed-over')
    await continued(story)
    await continued(story)

    isOver = true
    await story.handle.signal(alertsChanged)

    expect(await story.over()).toMatchObject({ reason: 'recovered-by-itself' })
    expect(story.kinds().filter((kind) => kind === 'handed-over')).toHaveLength(1)
  })

  test('and whose source has resolved does not say so again', async () => {
    const story = await play.begin({ recognise: () => ({ kind: 'none', not: [] }), source: () => 'resolved' })
    await story.until('source-resolved')

    await continued(story)
    await story.handle.signal(alertsChanged)
    await continued(story)

    expect(story.kinds().filter((kind) => kind === 'source-resolved')).toHaveLength(1)
    await story.close()
  })

  test('and is over budget goes on where it stood, once a person lifts it', async () => {
    const turns: number[] = []
    let lifted = false
    const story = await play.begin({
      recognise: () => ({ kind: 'none', not: [] }),
      begin: () => ({ kind: 'begun', investigation: 1, turns: 6, model: 'm', harness: 'h', bytes: 1, unread: false }),
      exchange: (turn) => {
        turns.push(turn)
        return turn === 2 && !lifted ? { kind: 'over-budget', says: '$1 of $1 is used.' } : { kind: 'answered' }
      },
      judge: (turn) => (turn === 1 ? { kind: 'again' } : { kind: 'person', says: 'It is not known.' }),
    })
    await story.until('handed-over')
    await continued(story)
    await continued(story)

    lifted = true
    await story.handle.executeUpdate(liftBudget, { args: [{ id: 'one', person: 'ann', dollars: 2 }] })

    await expect.poll(() => story.kinds().filter((kind) => kind === 'handed-over').length).toBe(2)
    expect(turns).toEqual([1, 2, 2])
    await story.close()
  })

  test('and whose run was carried out does not repeat it', async () => {
    const story = await play.begin({
      scope: { ...target, host: 'unknown-01' },
      run: () => ({ kind: 'unknown', says: 'the link was cut' }),
    })
    await story.until('handed-over')
    const before = story.kinds()

    await continued(story)

    await story.close()
    await story.over()
    expect(story.kinds()).toEqual([...before, 'closed'])
    expect(play.stage.begun(story.incident)).toEqual(['service-restart'])
  })
})

describe('a host with a long queue', () => {
  test('is continued with what still waits: each run is carried out once, and each incident hears of it', async () => {
    const gate = Promise.withResolvers<void>()
    const scope = { ...target, host: 'long-01' }
    const run = async () => {
      await gate.promise
      return carriedOut
    }
    const stories = await Promise.all(Array.from({ length: 8 }, () => play.begin({ scope, run })))
    await Promise.all(stories.map((story) => story.until('run-requested')))
    // A run is written down before the host is asked for it.
    const first = await vi.waitFor(() => runOf(hostHandle()), { timeout: 60_000 })
    gate.resolve()

    const closed = await Promise.all(stories.map((story) => story.over()))

    expect(closed.map(({ reason }) => reason)).toEqual(stories.map(() => 'recovered'))
    expect(stories.map(({ incident }) => play.stage.begun(incident))).toEqual(stories.map(() => ['service-restart']))
    expect(await runOf(hostHandle())).not.toBe(first)
    await hostHandle().result()
  })
})

function hostHandle(): WorkflowHandle {
  return play.temporal.client.workflow.getHandle(hostWorkflowId('long-01'))
}

async function runOf(handle: WorkflowHandle): Promise<string> {
  return (await handle.describe()).runId
}

/** Sends it news until it is continued: what arrives before it has looked at the last one counts as one. */
async function continued({ handle }: Played): Promise<void> {
  const before = await runOf(handle)
  const afterNews = async (): Promise<string> => {
    await handle.signal(alertsChanged)
    return runOf(handle)
  }
  await expect.poll(afterNews, { timeout: 60_000 }).not.toBe(before)
}
