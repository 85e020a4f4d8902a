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
import type { RunOutcome, RunRequest } from '../domain/run.ts'
import { control, handsIn } from './activities.ts'
import { orElse } from './failed.ts'
import { incidentWorkflowId, runRequested, runFinished, type HostInput } from './messages.ts'

/** More waiting runs than this are not taken: their incidents find out when the run's time is over. */
export const maximumQueue = 20

/** How long it stays for another run before it ends, in milliseconds. */
const lingerMilliseconds = 5_000

/** Ends when nothing is left to do; the next request starts it again. */
export async function host(input: HostInput): Promise<void> {
  const queue = [...input.queue]
  const known = new Set<RunId>(queue.map((request) => request.run))
  setHandler(runRequested, (request) => {
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

/** Whatever fails in here, the incident hears that it is over: what came of it stands in the run's row. */
async function carryOut(zone: string, { run, deadline, incident }: RunRequest): Promise<void> {
  if (Date.now() > Date.parse(deadline)) {
    await orElse(control.settleRun({ run, says: 'The host was not free before the run had to begin.' }), null)
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
  const outcome = await orElse(handsIn(zone).runPlaybook({ run }), null)
  if (outcome !== null) return outcome
  const row = await orElse(control.readRun({ run }), null)
  if (row !== null && row.outcome !== null) return row.outcome
  const lost = { kind: 'unknown', says: 'The worker that carried it out was lost.' } as const
  if (row?.state !== 'planned') return lost
  const says = `No worker of zone ${zone} has begun it.`
  return (await orElse(control.settleRun({ run, says }), null))?.outcome ?? lost
}

/** Reads what the host wrote down. Where even that can't be had it stays unknown. */
async function reconcile(zone: string, run: RunId): Promise<void> {
  const read = await orElse(handsIn(zone).reconcileRun({ run }), null)
  const says = "The host's own record of the run could not be read."
  if (read === null) await orElse(control.settleRun({ run, says }), null)
}
