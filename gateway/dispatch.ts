// Step 4: tells Temporal what the inbox recorded. It never gives up; what waits longer than a minute is an alarm in the
// log.
import { SpanKind } from '@opentelemetry/api'
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client'
import { inSpan } from '../runtime/trace.ts'
import { startWorkLoop, type WorkLoop } from '../runtime/work-loop.ts'
import { claimDispatches, delayDispatch, finishDispatch, type Dispatch } from '../store/dispatch.ts'
import { alertsChanged, controlQueue, incidentWorkflowId, type IncidentInput } from '../workflows/messages.ts'
import type { GatewayDeps } from './deps.ts'
import { takeUp } from './take-up.ts'

const pollMilliseconds = 1_000
const callSeconds = 5
const alarmSeconds = 60

/** Starts claiming. Several gateways may do so at once: each row is claimed by one of them. */
export function startDispatch(deps: Pick<GatewayDeps, 'store' | 'temporal' | 'now' | 'log'>): WorkLoop {
  const alarm = alarmOnce(deps)
  return startWorkLoop({
    idle: pollMilliseconds,
    pause: pollMilliseconds,
    failed: (error) => deps.log.warn({ error }, 'the dispatcher could not read what waits'),
    work: async () => {
      const claimed = await claimDispatches(deps.store)
      await Promise.all(
        claimed.map(async (dispatch) => {
          try {
            await tell(deps, dispatch)
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
}

async function tell(deps: Pick<GatewayDeps, 'store' | 'temporal' | 'log'>, dispatch: Dispatch): Promise<void> {
  if (dispatch.closed) return
  const client = await deps.temporal()
  await client.withDeadline(Date.now() + callSeconds * 1_000, () =>
    dispatch.kind === 'start'
      ? inSpan('incident', traceOf(dispatch), () => start(client, dispatch))
      : signal(deps, client, dispatch),
  )
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
async function start(client: Client, { id, incident, left }: Dispatch): Promise<void> {
  // What was done before its first start was confirmed is not done again.
  const input: IncidentInput = { version: 1, incident, ...(left === null ? {} : { resumed: left }) }
  const workflowId = incidentWorkflowId(incident)
  try {
    await client.workflow.start('incident', {
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
