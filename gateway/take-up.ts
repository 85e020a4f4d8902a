// An open incident whose workflow is gone (terminated, its history lost, another Temporal) is given a new one, which
// hands it to people. Nothing is carried out again.
import { SpanKind } from '@opentelemetry/api'
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import type { IncidentId } from '../domain/ids.ts'
import { inSpan } from '../runtime/trace.ts'
import { readLeft } from '../store/lost.ts'
import { controlQueue, incidentWorkflowId, incidentWorkflowType, type IncidentInput } from '../workflows/messages.ts'
import type { GatewayDeps } from './deps.ts'

/** `over`: it is closed, or about to be started anyway; `running`: somebody was faster. */
export type TakenUp = 'taken-up' | 'running' | 'over'

/** For a workflow that is known not to run. Several may ask at once: one start only. Throws what the client throws. */
export async function takeUp(
  { store, log }: Pick<GatewayDeps, 'store' | 'log'>,
  client: Client,
  incident: IncidentId,
): Promise<TakenUp> {
  const left = await readLeft(store, incident)
  if (left === null) return 'over'
  const { dryRun, ...resumed } = left
  const input: IncidentInput = { version: 1, incident, resumed }
  const workflowId = incidentWorkflowId(incident)
  try {
    // Its own trace: the one before ended with the workflow that was lost.
    const attributes = { 'millwright.of': workflowId }
    await inSpan('incident taken up', { root: true, kind: SpanKind.SERVER, attributes }, () =>
      client.workflow.start(incidentWorkflowType(dryRun), {
        workflowId,
        taskQueue: controlQueue,
        args: [input],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
      }),
    )
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'running'
    throw error
  }
  log.warn({ incident }, 'the workflow of an open incident was gone: people get it')
  return 'taken-up'
}
