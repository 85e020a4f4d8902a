// Looks at the open incidents when control starts and every few minutes: one whose workflow does not run, or can't be
// read with our key, would be silent for ever.
import type { Client } from '@temporalio/client'
import type { IncidentId } from '../domain/ids.ts'
import { runsForUs } from '../runtime/sealed-history.ts'
import { startWorkLoop, type WorkLoop } from '../runtime/work-loop.ts'
import { openIncidents } from '../store/lost.ts'
import { incidentWorkflowId } from '../workflows/messages.ts'
import type { GatewayDeps } from './deps.ts'
import { takeUp } from './take-up.ts'

const everyMilliseconds = 3 * 60_000
const pauseMilliseconds = 5_000
/** Incidents that are looked at at the same time, and how long all of them together may take. */
const batch = 20
const batchSeconds = 10

/** Starts looking, now. Several gateways may do so at once. */
export function startLookout(deps: Pick<GatewayDeps, 'store' | 'temporal' | 'log'>): WorkLoop {
  let after: IncidentId = ''
  return startWorkLoop({
    idle: everyMilliseconds,
    pause: pauseMilliseconds,
    failed: (error) => deps.log.warn({ error }, 'the open incidents could not be looked at'),
    work: async () => {
      const incidents = await openIncidents(deps.store, after, batch)
      const last = incidents.at(-1)
      if (last !== undefined) await lookAt(deps, incidents)
      after = last === undefined || incidents.length < batch ? '' : last
      return after !== ''
    },
  })
}

/** One that can't be looked at waits for the next time; none that can: the same ones again soon. */
async function lookAt(deps: Parameters<typeof startLookout>[0], incidents: readonly IncidentId[]): Promise<void> {
  const client = await deps.temporal()
  const looked = await client.withDeadline(Date.now() + batchSeconds * 1_000, () =>
    Promise.allSettled(incidents.map((incident) => lookAtOne(deps, client, incident))),
  )
  const failed = looked.filter((one) => one.status === 'rejected')
  const [first] = failed
  if (first === undefined) return
  if (failed.length === incidents.length) throw first.reason
  deps.log.warn({ error: first.reason, incidents: failed.length }, 'some open incidents could not be looked at')
}

async function lookAtOne(deps: Pick<GatewayDeps, 'store' | 'log'>, client: Client, incident: IncidentId) {
  if (!(await runsForUs(client, incidentWorkflowId(incident)))) await takeUp(deps, client, incident)
}
