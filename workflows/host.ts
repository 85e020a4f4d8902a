// One host, one change: every run on a host goes through its workflow, one after the other.
import {
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { RunId } from '../domain/ids.ts'
import type { RunOutcome } from '../domain/run.ts'
import { control, handsIn } from './activities.ts'
import { incidentWorkflowId, requestRun, runFinished, type HostInput, type RunRequest } from './messages.ts'

/** More waiting runs than this are not taken: their incidents hear that nothing was started. */
export const maximumQueue = 20

/** How long it stays for another run before it ends, in milliseconds. */
const lingerMilliseconds = 5_000

/** Ends when nothing is left to do; the next request starts it again. */
export async function host(input: HostInput): Promise<void> {
  const queue = [...input.queue]
  const known = new Set<RunId>(queue.map((request) => request.run))
  setHandler(requestRun, (request) => {
    if (known.has(request.run) || queue.length >= maximumQueue) return
    known.add(request.run)
    queue.push(request)
  })
  await CancellationScope.nonCancellable(async () => {
    for (;;) {
      if (queue.length === 0) await condition(() => queue.length > 0, lingerMilliseconds)
      const next = queue.shift()
      // Nothing is awaited between this and the end: a request that arrives now makes the server refuse the end.
      if (next === undefined) return
      await carryOut(input.zone, next)
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof host>({ ...input, queue })
    }
  })
}

async function carryOut(zone: string, { run, deadline, incident }: RunRequest): Promise<void> {
  if (Date.now() > Date.parse(deadline)) {
    await control.settleRun({ run, says: 'The host was not free before the run had to begin.' })
  } else {
    const outcome = await runOnce(zone, run)
    if (outcome.kind === 'unknown') await reconcile(zone, run)
  }
  // An incident that is closed by now hears no more; its run's row says how it ended.
  await getExternalWorkflowHandle(incidentWorkflowId(incident))
    .signal(runFinished, { run })
    .catch(() => undefined)
}

/** Never twice. Without an answer the row says whether anything was started. */
async function runOnce(zone: string, run: RunId): Promise<RunOutcome> {
  try {
    return await handsIn(zone).runPlaybook({ run })
  } catch {
    const { state, outcome } = await control.readRun({ run })
    if (outcome !== null) return outcome
    if (state !== 'planned') return { kind: 'unknown', says: 'The worker that carried it out was lost.' }
    const says = `No worker of zone ${zone} began it in time.`
    return (await control.settleRun({ run, says })).outcome ?? { kind: 'unknown', says }
  }
}

/** Reads what the host wrote down. Where even that can't be had it stays unknown. */
async function reconcile(zone: string, run: RunId): Promise<void> {
  try {
    await handsIn(zone).reconcileRun({ run })
  } catch {
    await control.settleRun({ run, says: "The host's own record of the run could not be read." })
  }
}
