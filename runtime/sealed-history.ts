// Whether a workflow goes on: what was sealed with a key that we don't have can't, and nobody would hear of it.
import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { defaultPayloadConverter } from '@temporalio/common'
import { isForged } from '../domain/forged.ts'

/**
 * Whether the workflow runs and can go on. One whose input does not open with our key is ended here: every task of it
 * would fail, again and again. Throws what the client throws.
 */
export async function runsForUs(client: Client, workflowId: string): Promise<boolean> {
  const runId = await runningOf(client, workflowId)
  if (runId === null) return false
  if (await opens(client, { workflowId, runId })) return true
  await client.workflow.getHandle(workflowId, runId).terminate('It was sealed with a key that is not ours.')
  return false
}

async function runningOf(client: Client, workflowId: string): Promise<string | null> {
  try {
    const { status, runId } = await client.workflow.getHandle(workflowId).describe()
    return status.name === 'RUNNING' ? runId : null
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}

type Execution = { readonly workflowId: string; readonly runId: string }

/** By the first event alone: the later ones are sealed with the key that could read it. */
async function opens({ options, workflowService }: Client, execution: Execution): Promise<boolean> {
  const { namespace, loadedDataConverter } = options
  const first = { namespace, execution, maximumPageSize: 1 }
  const { history } = await workflowService.getWorkflowExecutionHistory(first)
  let payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
  const { workflowId } = execution
  for (const codec of loadedDataConverter.payloadCodecs)
    payloads = await codec.decode(payloads, { type: 'workflow', namespace, workflowId })
  return payloads.length > 0 && !payloads.some((one) => isForged(defaultPayloadConverter.fromPayload(one)))
}
