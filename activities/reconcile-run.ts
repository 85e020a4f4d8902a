// After a lost worker or link: waits until nothing of the run can be alive on the host, then reads what the host wrote
// down. Starts nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import { readEntry } from '../catalogue/entry.ts'
import type { InventoryHost, InventorySnapshot } from '../domain/inventory.ts'
import { Failure } from '../domain/failure.ts'
import type { RunOutcome } from '../domain/run.ts'
import { judge } from '../runtime/ansible/judge.ts'
import type { RunRecord, WriteDoor } from '../runtime/write-door.ts'
import type { Store } from '../store/connect.ts'
import { readPlan } from '../store/plan.ts'
import { endRun, readRun, type StoredRun } from '../store/run.ts'
import type { HandsActivities } from './types.ts'

export type ReconcileDeps = {
  readonly store: Store
  readonly playbooksDir: string
  readonly inventory: () => InventorySnapshot
  readonly door: Pick<WriteDoor, 'status'>
  readonly now: () => Date
}

/** Longest wait for the hard time-out of a run, seconds: 540, and what the door takes. */
const longestWaitSeconds = 600

/** Throws `host.unreachable` (to be tried again) while the host gives no answer. */
export function createReconcileRun(deps: ReconcileDeps): HandsActivities['reconcileRun'] {
  return async ({ run: id }) => {
    const run = await readRun(deps.store, id)
    if (run.outcome !== null && run.outcome.kind !== 'unknown') return run.outcome
    await untilOver(deps, run)
    const host = deps.inventory().hosts.find((one) => one.id === run.host)
    if (host === undefined) return run.outcome ?? { kind: 'unknown', says: 'The inventory holds the host no more.' }
    if (run.state !== 'unknown')
      await endRun(deps.store, id, { kind: 'unknown', says: 'The worker that carried it out was lost.' }, deps.now())
    const outcome = await outcomeOf(deps, run, host)
    return outcome.kind === 'unknown' ? outcome : endRun(deps.store, id, outcome, deps.now())
  }
}

async function untilOver({ now }: ReconcileDeps, { hardDeadline }: StoredRun): Promise<void> {
  const left = (hardDeadline?.getTime() ?? 0) - now().getTime()
  if (left > 0) await sleep(Math.min(left, longestWaitSeconds * 1_000))
}

async function outcomeOf(deps: ReconcileDeps, run: StoredRun, host: InventoryHost): Promise<RunOutcome> {
  const record = await recordOf(deps, run, host)
  switch (record.kind) {
    case 'unreadable':
      throw new Failure({
        code: 'host.unreachable',
        message: `The record of the run on ${host.name} can’t be read: ${record.says}`,
      })
    case 'none':
      return {
        kind: 'failed',
        says: `${host.name} has no record of the run: nothing of it began there.`,
        task: null,
        changed: 0,
      }
    case 'found':
      return fromRecord(deps, run, { record, hostName: host.name })
  }
}

/** A run without a fence never had the host. */
async function recordOf({ door }: ReconcileDeps, run: StoredRun, host: InventoryHost): Promise<RunRecord> {
  return run.fence === null ? { kind: 'none' } : door.status(host, { run: run.id, fence: run.fence })
}

type Found = { readonly record: Extract<RunRecord, { kind: 'found' }>; readonly hostName: string }

async function fromRecord(deps: ReconcileDeps, run: StoredRun, { record, hostName }: Found): Promise<RunOutcome> {
  if (record.planDigest !== run.planDigest)
    return { kind: 'unknown', says: `${hostName} has a record of another plan under this run’s name.` }
  if (record.statistics === null) {
    const how = record.ended === null ? 'began and never ended there' : `began there and was ${record.ended}`
    return { kind: 'unknown', says: `By the record of ${hostName} it ${how}, and nothing says what it came to.` }
  }
  const { plan } = await readPlan(deps.store, run.plan)
  const { expectChanged } = readEntry(deps.playbooksDir, plan.playbook.id).manifest
  return judge({
    approved: plan.hosts.map((host) => host.name),
    expectChanged: plan.kind === 'remediate' && expectChanged,
    statistics: record.statistics,
    tasks: record.statistics.tasks,
    says: null,
  })
}
