// A person's message to an incident's workflow: applied, refused, or not known to be delivered within five seconds.
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client, type WorkflowHandle } from '@temporalio/client'
import { failureCode, type FailureCode } from '../domain/failure.ts'
import { incidentWorkflowId } from '../workflows/messages.ts'
import type { GatewayDeps } from './deps.ts'
import { takeUp } from './take-up.ts'

const answerSeconds = 5

export type Told =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly code: FailureCode; readonly says: string }
  /** Nobody answered: it may still arrive, so what it would do must be void before anybody is told. */
  | { readonly kind: 'not-delivered'; readonly error: unknown }

/**
 * Sends an update and waits for its answer. An open incident whose workflow is gone is taken up first, so that its
 * new one answers. Never throws.
 */
export async function tellWorkflow(
  deps: Pick<GatewayDeps, 'store' | 'temporal' | 'log'>,
  incident: string,
  send: (handle: WorkflowHandle) => Promise<unknown>,
): Promise<Told> {
  const until = Date.now() + answerSeconds * 1_000
  try {
    const client = await within(deps.temporal(), until)
    const handle = client.workflow.getHandle(incidentWorkflowId(incident))
    await client.withDeadline(until, async () => {
      try {
        await send(handle)
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError) || (await takeUp(deps, client, incident)) === 'over') throw error
        await send(handle)
      }
    })
    return { kind: 'accepted' }
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return refusedBy(error)
    if (error instanceof WorkflowNotFoundError) {
      return { kind: 'refused', code: 'conflict.expired', says: 'Nothing of this incident waits any more.' }
    }
    return { kind: 'not-delivered', error }
  }
}

function refusedBy({ cause }: WorkflowUpdateFailedError): Told {
  const type = cause !== undefined && 'type' in cause ? cause.type : undefined
  return { kind: 'refused', code: failureCode({ code: type }), says: cause?.message ?? 'It was refused.' }
}

function within(client: Promise<Client>, until: number): Promise<Client> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the workflow server does not answer')), until - Date.now())
    client.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
