// Step 4: tells Temporal what the inbox recorded. It never gives up; what waits longer than a minute is an alarm in the
// log.
import { SpanKind } from '@opentelemetry/api'
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client'
import { openSpan, type OpenSpan } from '../runtime/trace.ts'
import { startWorkLoop, type WorkLoop } from '../runtime/work-loop.ts'
import { claimDispatches, delayDispatch, finishDispatch, type Dispatch } from '../store/dispatch.ts'
import {
  alertsChanged,
  controlQueue,
  incidentWorkflowId,
  incidentWorkflowType,
  type IncidentInput,
} from '../workflows/messages.ts'
import type { GatewayDeps } from './deps.ts'
import { takeUp } from './take-up.ts'

const pollMilliseconds = 1_000
const callSeconds = 5
const alarmSeconds = 60

/** Starts claiming. Several gateways may do so at once: each row is claimed by one of them. */
export function startDispatch(deps: Pick<GatewayDeps, 'store' | 'temporal' | 'now' | 'log'>): WorkLoop {
  const alarm = alarmOnce(deps)
  const roots: Roots = new Map()
  const loop = startWorkLoop({
    idle: pollMilliseconds,
    pause: pollMilliseconds,
    failed: (error) => deps.log.warn({ error }, 'the dispatcher could not read what waits'),
    work: async () => {
      const claimed = await claimDispatches(deps.store)
      await Promise.all(
        claimed.map(async (dispatch) => {
          try {
            await tell(deps, dispatch, roots)
            await finishDispatch(deps.store, dispatch)
          } catch (error) {
            alarm(dispatch, error)
            await delayDispatch(deps.store, dispatch, error instanceof Error ? error.message : 'unknown')
          }
        }),
      )
      return claimed.length > 0
    },
  })
  const stop = async () => {
    await loop.stop()
    for (const root of roots.values()) root.end('left to another gateway')
  }
  return { ...loop, stop }
}

async function tell(
  deps: Pick<GatewayDeps, 'store' | 'temporal' | 'log'>,
  dispatch: Dispatch,
  roots: Roots,
): Promise<void> {
  if (dispatch.closed) return endRoot(roots, dispatch, 'closed before it began')
  const client = await deps.temporal()
  await client.withDeadline(Date.now() + callSeconds * 1_000, () =>
    dispatch.kind === 'start'
      ? rootOf(roots, dispatch).inside(() => start(client, dispatch))
      : signal(deps, client, dispatch),
  )
  endRoot(roots, dispatch, 'ok')
}

/** The roots of the traces whose start is not confirmed, by row: however often it is tried, an incident has one. */
type Roots = Map<string, OpenSpan>

/** Beyond these, a try that fails ends the oldest one. */
const maximumRoots = 1_000

function rootOf(roots: Roots, dispatch: Dispatch): OpenSpan {
  const known = roots.get(dispatch.id)
  if (known !== undefined) return known
  const [oldest] = roots.entries()
  if (roots.size >= maximumRoots && oldest !== undefined) {
    oldest[1].end('tried for too long')
    roots.delete(oldest[0])
  }
  const root = openSpan('incident', traceOf(dispatch))
  roots.set(dispatch.id, root)
  return root
}

function endRoot(roots: Roots, { id }: Dispatch, outcome: string): void {
  roots.get(id)?.end(outcome)
  roots.delete(id)
}

/** A workflow that is taken up reads what the source says by itself. */
async function signal(deps: Pick<GatewayDeps, 'store' | 'log'>, client: Client, { incident }: Dispatch): Promise<void> {
  try {
    await client.workflow.getHandle(incidentWorkflowId(incident)).signal(alertsChanged)
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
    // Somebody else took it up between the two calls: the next try tells that workflow.
    if ((await takeUp(deps, client, incident)) === 'running') throw error
  }
}

/** The root of the incident's trace, from the moment of the webhook. */
function traceOf({ incident, createdAt }: Dispatch) {
  const attributes = { 'millwright.of': incidentWorkflowId(incident) }
  return { root: true, startTime: createdAt, kind: SpanKind.SERVER, attributes }
}

/**
 * Starts the incident's workflow. One that runs already is ours when it carries this row's number; otherwise it is the
 * one that is just ending before the incident opened again, and we come back.
 */
async function start(client: Client, { id, incident, left, dryRun }: Dispatch): Promise<void> {
  // What was done before its first start was confirmed is not done again.
  const input: IncidentInput = { version: 1, incident, ...(left === null ? {} : { resumed: left }) }
  const workflowId = incidentWorkflowId(incident)
  try {
    await client.workflow.start(incidentWorkflowType(dryRun), {
      workflowId,
      taskQueue: controlQueue,
      args: [input],
      memo: { dispatch: id },
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    const running = await client.workflow.getHandle(workflowId).describe()
    if (running.memo?.['dispatch'] !== id) throw error
  }
}

function alarmOnce({ now, log }: Pick<GatewayDeps, 'now' | 'log'>): (dispatch: Dispatch, error: unknown) => void {
  let last = 0
  return (dispatch, error) => {
    const at = now().getTime()
    const seconds = Math.round((at - dispatch.createdAt.getTime()) / 1_000)
    if (seconds < alarmSeconds || at - last < alarmSeconds * 1_000) return
    last = at
    log.error(
      { error, incident: dispatch.incident },
      `an alert has waited ${seconds} s: the workflow server can't be told`,
    )
  }
}
