// Somebody who reaches the workflow server, and has no key. They make nothing happen, and no story hangs because of
// them.
import type { WorkflowHandle } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import protocol from '@temporalio/proto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newId } from '../../runtime/ids.ts'
import {
  alertsChanged,
  closeByPerson,
  decide,
  hostWorkflowId,
  incidentWorkflowId,
  runRequested,
  runFinished,
} from '../../workflows/messages.ts'
import { theatre, type Played, type Theatre } from '../support/play.ts'
import { carriedOut, straightLine, target, type Script } from '../support/stand-ins.ts'

let play: Theatre
beforeAll(async () => {
  play = await theatre()
})
afterAll(() => play.end())

const waits: Partial<Script> = { policy: () => 'ask', recognise: straightLine.recognise }
const secret = 'words-of-a-host'

/** A run that goes on until the test lets it end. */
function running(host: string) {
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const run = async () => {
    await ended
    return carriedOut
  }
  return { script: { scope: { ...target, host }, run }, end: () => end() }
}

function theirs({ handle }: Played): WorkflowHandle {
  return play.temporal.stranger.workflow.getHandle(handle.workflowId)
}

function theirUpdate(story: Played, update: string, [first, ...rest]: readonly unknown[]): Promise<unknown> {
  const handle = theirs(story)
  return first === undefined
    ? handle.executeUpdate<unknown, []>(update, {})
    : handle.executeUpdate<unknown, [unknown, ...unknown[]]>(update, { args: [first, ...rest] })
}

async function stillAnswers(story: Played): Promise<void> {
  await expect(story.decide({ verdict: 'reject', reason: 'no' })).resolves.toEqual({ accepted: true })
  await story.until('handed-over')
  await story.handle.executeUpdate(closeByPerson, { args: [{ person: 'ann', says: 'done' }] })
  await expect(story.over()).resolves.toMatchObject({ person: 'ann' })
}

describe('without the key nobody', () => {
  test('reads a word of a story', async () => {
    const story = await play.begin({
      ...waits,
      collect: () => {
        throw new Error(secret)
      },
    })
    await story.until('handed-over')

    const history = await theirs(story).fetchHistory()

    const text = JSON.stringify(
      protocol.temporal.api.history.v1.History.toObject(protocol.temporal.api.history.v1.History.fromObject(history)),
    )
    const bytes = Buffer.from(protocol.temporal.api.history.v1.History.encode(history).finish()).toString('latin1')
    for (const one of [text, bytes]) expect(one).not.toMatch(/words-of-a-host|"sequence|unreachable|service-restart/)
    expect(bytes).toContain('binary/millwright-sealed-1')
  })

  test('starts an incident', async () => {
    const incident = newId('inc')
    play.stage.scripts.set(incident, straightLine)
    for (const args of [[{ version: 1, incident }], [], [null], [{ version: 1, incident }, 1]]) {
      const options = { workflowId: incidentWorkflowId(incident), taskQueue: 'control', args }

      await play.temporal.stranger.workflow.start('incident', options)
      await expect(resultOf(options.workflowId)).resolves.toBeUndefined()
    }
    expect(play.stage.transitions(incident)).toEqual([])
  })

  test('starts a host with runs to carry out, nor asks one for a run', async () => {
    const story = await play.begin(waits)
    const { plan } = await story.until('asked')
    const run = await opened(plan)
    const request = { run, deadline: '2100-01-01T00:00:00Z', incident: story.incident }
    const { workflow } = play.temporal.stranger
    const input = { version: 1, host: 'h', zone: 'lab', queue: [request] }
    await workflow.start('host', { workflowId: 'host/h', taskQueue: 'control', args: [input] })
    await resultOf('host/h')
    await workflow.signalWithStart('host', {
      workflowId: 'host/h',
      taskQueue: 'control',
      args: [input],
      signal: runRequested,
      signalArgs: [request],
    })
    await resultOf('host/h')

    expect(play.stage.begun(story.incident)).toEqual([])
    await stillAnswers(story)
  })

  test('asks the workflow of a host for a run while it works for us', async () => {
    const { script, end } = running('busy-01')
    const story = await play.begin(script)
    await story.until('run-requested')
    const waiting = await play.begin(waits)
    const { plan } = await waiting.until('asked')
    const run = await opened(plan)
    const request = { run, deadline: '2100-01-01T00:00:00Z', incident: waiting.incident }
    const busy = play.temporal.stranger.workflow.getHandle(hostWorkflowId('busy-01'))
    await busy.signal(runRequested, request)
    await busy.signal('requestRun')
    end()

    await expect(story.over()).resolves.toMatchObject({ reason: 'recovered' })
    await play.temporal.client.workflow.getHandle(hostWorkflowId('busy-01')).result()
    expect(play.stage.begun(waiting.incident)).toEqual([])
  })

  test('decides, closes, or says that a run is over', async () => {
    const story = await play.begin(waits)
    const { digest } = await story.until('asked')
    const message = { id: newId('dec'), planDigest: digest, verdict: 'approve', person: 'ann', reason: '' } as const
    const decision = { ...message, validUntil: '2100-01-01T00:00:00Z' }

    for (const signal of [runFinished.name, alertsChanged.name, 'unheard-of']) {
      await theirs(story).signal(signal)
      await theirs(story).signal(signal, { run: 'run_x' })
    }
    for (const update of [decide.name, closeByPerson.name]) {
      for (const args of [[decision], [], [null]]) {
        await expect(theirUpdate(story, update, args)).rejects.toThrow()
      }
    }

    expect(story.kinds()).not.toContain('decided')
    expect(play.stage.begun(story.incident)).toEqual([])
    await stillAnswers(story)
  })

  test('reads what it waits for', async () => {
    const story = await play.begin(waits)
    await story.until('asked')

    expect(JSON.stringify(await theirs(story).query<unknown>('waitingFor').catch(String))).not.toContain('decision')
    await stillAnswers(story)
  })
})

describe('of an activity that somebody else ends', () => {
  const answers: readonly [string, (story: Played, host: string) => Promise<void>][] = [
    ['success', (_, host) => stranger().complete(activity(host), carriedOut)],
    ['success without an answer', (_, host) => noAnswer(host)],
    ['failure', (_, host) => stranger().fail(activity(host), new Error(secret))],
    ['malformed failure', (_, host) => malformedFailure(host)],
  ]

  test.each(answers)('the %s is no outcome', async (how, answer) => {
    const host = `${how.replaceAll(' ', '-')}-01`
    const { script, end } = running(host)
    const story = await play.begin(script)
    await pendingActivity(host)
    await stranger().heartbeat(activity(host), { anything: true })

    await answer(story, host)

    await expect(story.until('run-ended')).resolves.toMatchObject({ outcome: { kind: 'unknown' } })
    await expect(story.until('handed-over')).resolves.toMatchObject({ reason: 'unknown' })
    expect(JSON.stringify(story.entries())).not.toContain(secret)
    expect(play.stage.begun(story.incident)).toHaveLength(1)
    end()
  })

  function stranger() {
    return play.temporal.stranger.activity
  }

  async function noAnswer(host: string): Promise<void> {
    const { namespace, stranger: client } = play.temporal
    await client.workflowService.respondActivityTaskCompletedById({ namespace, ...activity(host) })
  }

  async function malformedFailure(host: string): Promise<void> {
    const { workflowId, activityId } = activity(host)
    const failure = { message: secret, childWorkflowExecutionFailureInfo: {} }
    const { namespace, stranger: client } = play.temporal
    await client.workflowService.respondActivityTaskFailedById({ namespace, workflowId, activityId, failure })
  }
})

describe('a sealed payload', () => {
  test('does not open where it does not belong', async () => {
    const story = await play.begin(waits)
    await story.until('asked')
    const { events } = await theirs(story).fetchHistory()
    const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input
    const { namespace, stranger } = play.temporal

    await stranger.workflowService.startWorkflowExecution({
      namespace,
      workflowId: 'incident/elsewhere',
      workflowType: { name: 'incident' },
      taskQueue: { name: 'control' },
      input: input ?? null,
      requestId: newId('run'),
    })

    await expect(resultOf('incident/elsewhere')).resolves.toBeUndefined()
    await stillAnswers(story)
  })

  test('is the only thing that an activity takes', async () => {
    const { script, end } = running('asked-01')
    const story = await play.begin({ ...script, ...waits })
    const { plan } = await story.until('asked')
    const run = await opened(plan)
    const handle = await play.temporal.stranger.workflow.start('theirs', { workflowId: 'theirs', taskQueue: 'theirs' })

    await scheduleActivity('runPlaybook', { run })

    const failed = await eventOf(handle, (event) => event.activityTaskFailedEventAttributes)
    expect(failed.failure?.applicationFailureInfo?.nonRetryable).toBe(true)
    expect(play.stage.begun(story.incident)).toEqual([])
    await handle.terminate()
    end()
    await stillAnswers(story)
  })
})

/** As we see it: their own client can't read it. */
function resultOf(workflowId: string): Promise<unknown> {
  return play.temporal.client.workflow.getHandle(workflowId).result()
}

function activity(host: string) {
  return { workflowId: hostWorkflowId(host), activityId: '1' }
}

async function pendingActivity(host: string): Promise<void> {
  const handle = play.temporal.client.workflow.getHandle(hostWorkflowId(host))
  const hasBegun = async (): Promise<boolean> => {
    const pending = await handle.describe().catch(() => null)
    return pending?.raw.pendingActivities?.some((one) => one.state === 2) === true
  }
  await vi.waitUntil(hasBegun, { timeout: 60_000 })
}

/** As a worker of their own would. */
async function scheduleActivity(name: string, input: object): Promise<void> {
  const { namespace, stranger } = play.temporal
  const { workflowService } = stranger
  const poll = () => workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: 'theirs' } })
  const { taskToken } = await stranger.withDeadline(Date.now() + 30_000, poll)
  const seconds = msToTs('30 seconds')
  const attributes = {
    activityId: '1',
    activityType: { name },
    taskQueue: { name: 'hands/lab' },
    startToCloseTimeout: seconds,
    scheduleToCloseTimeout: seconds,
    input: {
      payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(input)) }],
    },
  }
  const commandType = protocol.temporal.api.enums.v1.CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK
  const commands = [{ commandType, scheduleActivityTaskCommandAttributes: attributes }]
  await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands })
}

async function eventOf<Found>(
  handle: WorkflowHandle,
  find: (event: protocol.temporal.api.history.v1.IHistoryEvent) => Found | null | undefined,
): Promise<Found> {
  const look = async (): Promise<Found | undefined> => {
    const { events } = await handle.fetchHistory()
    return events?.map(find).find((found) => found) ?? undefined
  }
  return vi.waitFor(async () => expectFound(await look()), { timeout: 60_000 })
}

async function opened(plan: string): Promise<string> {
  const row = await play.stage.control.openRun({ plan, decision: null })
  if ('code' in row) throw new Error(row.says)
  return row.run
}

function expectFound<Found>(found: Found | undefined): Found {
  if (found === undefined) throw new Error('the event has not come')
  return found
}
