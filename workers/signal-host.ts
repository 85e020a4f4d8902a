// Asks the workflow of a host for a run.
import type { Client, WorkflowStartOptions } from '@temporalio/client'
import type { RequestRunDeps } from '../activities/request-run.ts'
import { runsForUs } from '../runtime/sealed-history.ts'
import { controlQueue, hostWorkflowId, runRequested, type HostInput } from '../workflows/messages.ts'

/** Starts it where it does not run; one of an earlier payload key is ended first, for it would take no run any more. */
export function createSignalHost(
  client: () => Client,
  options: Pick<WorkflowStartOptions, 'workflowTaskTimeout'> = {},
): RequestRunDeps['signalHost'] {
  return async ({ host, zone, request }) => {
    const input: HostInput = { version: 1, host, zone, queue: [] }
    const workflowId = hostWorkflowId(host)
    await runsForUs(client(), workflowId)
    await client().workflow.signalWithStart('host', {
      ...options,
      workflowId,
      taskQueue: controlQueue,
      args: [input],
      signal: runRequested,
      signalArgs: [request],
    })
  }
}
