// Plays one incident after the other on the run's real Temporal server, with scripted stand-ins.
import type { WorkflowHandle } from '@temporalio/client'
import { inject } from 'vitest'
import type { Decision } from '../../domain/decision.ts'
import type { TimelineEntry, Transition } from '../../domain/timeline.ts'
import { newId } from '../../runtime/ids.ts'
import { forgedInterceptor } from '../../workers/forged.ts'
import { heartbeatInterceptor } from '../../workers/heartbeats.ts'
import { handsOptions } from '../../workers/temporal.ts'
import {
  closeByPerson,
  decide,
  incidentWorkflowId,
  incidentWorkflowType,
  mindQueue,
  type IncidentInput,
} from '../../workflows/messages.ts'
import { stage, straightLine, type Script, type Stage } from './stand-ins.ts'
import { testTemporal, type TestTemporal } from './temporal.ts'

export type Theatre = {
  readonly stage: Stage
  readonly temporal: TestTemporal
  /** Starts an incident; what the script leaves out is the straight line. */
  readonly begin: (script: Partial<Script>, input?: Partial<IncidentInput>, dry?: 'dry') => Promise<Played>
  /** Nobody works for incidents until what it answers is called. */
  readonly leave: () => Promise<() => Promise<void>>
  readonly end: () => Promise<void>
}

export type Played = {
  readonly incident: string
  readonly handle: WorkflowHandle
  /** Kinds of the entries so far. */
  readonly kinds: () => readonly string[]
  readonly entries: () => readonly Transition[]
  /** Waits for the first entry of a kind. */
  readonly until: <Kind extends TimelineEntry['kind']>(kind: Kind) => Promise<Extract<TimelineEntry, { kind: Kind }>>
  /** Waits for the workflow's end. */
  readonly over: () => Promise<Extract<TimelineEntry, { kind: 'closed' }>>
  readonly decide: (decision: Partial<Decision>) => Promise<unknown>
  /** A person ends it. */
  readonly close: () => Promise<unknown>
}

/** An entry is awaited for half a minute at least. */
const maximumLooks = 3_000

/** `plain`: histories that can be read. `address`: of another server than the run's. */
export async function theatre(how: 'sealed' | 'plain' = 'sealed', address?: string): Promise<Theatre> {
  const temporal = await testTemporal(how, address)
  const show = stage(() => temporal.client)
  const codePath = inject('workflowBundle')
  const work = () => temporal.work({ taskQueue: 'control', workflowBundle: { codePath }, activities: show.control })
  let control = await work()
  const leave = async () => {
    await control.stop()
    return async () => {
      control = await work()
    }
  }
  const interceptors = {
    activity: [() => ({ inbound: forgedInterceptor() }), () => ({ inbound: heartbeatInterceptor() })],
  }
  await temporal.work({ taskQueue: 'hands/lab', activities: show.hands, interceptors, ...handsOptions })
  await temporal.work({ taskQueue: mindQueue, activities: show.mind, interceptors, ...handsOptions })
  const begin: Theatre['begin'] = async (script, input = {}, dry) => {
    const incident = input.incident ?? newId('inc')
    show.scripts.set(incident, { ...straightLine, ...script })
    const start: IncidentInput = { version: 1, incident, ...input }
    const workflowId = incidentWorkflowId(incident)
    const options = { workflowId, taskQueue: 'control', args: [start] }
    const handle = await temporal.client.workflow.start(incidentWorkflowType(dry === 'dry'), options)
    return played(show, incident, handle)
  }
  return { stage: show, temporal, begin, leave, end: temporal.end }
}

function played(show: Stage, incident: string, handle: WorkflowHandle): Played {
  const entries = () => show.transitions(incident)
  const until: Played['until'] = async (kind) => {
    for (let looks = 0; looks < maximumLooks; looks += 1) {
      const found = entries().find(({ entry }) => entry.kind === kind)?.entry
      if (isKind(found, kind)) return found
      await soon()
    }
    throw new Error(
      `there is no ${kind} after ${entries()
        .map(({ entry }) => entry.kind)
        .join(', ')}`,
    )
  }
  return {
    incident,
    handle,
    entries,
    kinds: () => entries().map(({ entry }) => entry.kind),
    until,
    over: async () => {
      await handle.result()
      return until('closed')
    },
    close: () => handle.executeUpdate(closeByPerson, { args: [{ person: 'ann', says: 'done by hand' }] }),
    decide: async (change) => {
      const asked = await until('asked')
      const decision: Decision = {
        id: newId('dec'),
        planDigest: asked.digest,
        verdict: 'approve',
        person: 'ann',
        reason: '',
        validUntil: new Date(Date.now() + 20_000).toISOString(),
        ...change,
      }
      return handle.executeUpdate(decide, { args: [decision], updateId: decision.id })
    },
  }
}

function isKind<Kind extends TimelineEntry['kind']>(
  entry: TimelineEntry | undefined,
  kind: Kind,
): entry is Extract<TimelineEntry, { kind: Kind }> {
  return entry?.kind === kind
}

/** The next look: tests wait for what happens, never for a time. */
function soon(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 10)
  })
}
