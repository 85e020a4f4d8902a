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
import { releaseLease } from '../store/lease.ts'
import { endRun, readRun, type StoredRun } from '../store/run.ts'
import { leftSays } from './carry-out.ts'
import type { HandsActivities } from './types.ts'

export type ReconcileDeps = {
  readonly store: Store
  readonly playbooksDir: string
  readonly inventory: () => InventorySnapshot
  readonly door: Pick<WriteDoor, 'status'>
  readonly now: () => Date
}

/** Longest wait for the hard time-out of a run, seconds: 540, and what the door and the check take. */
const longestWaitSeconds = 700
/** The host is asked this often whether it has written its last word. */
const pollSeconds = 2

/** Throws `host.unreachable` (to be tried again) while the host gives no answer. */
export function createReconcileRun(deps: ReconcileDeps): HandsActivities['reconcileRun'] {
  return async ({ run: id }) => {
    const before = await readRun(deps.store, id)
    if (before.outcome !== null && before.outcome.kind !== 'unknown') return before.outcome
    if (before.state !== 'unknown') await endRun(deps.store, id, workerLost, deps.now())
    // From here on nobody can begin it: whether its first task was let go stands in the row.
    const run = await readRun(deps.store, id)
    const host = deps.inventory().hosts.find((one) => one.id === run.host)
    if (host === undefined) return { kind: 'unknown', says: 'The inventory holds the host no more.' }
    const record = await finalRecord(deps, run, host)
    await releaseLease(deps.store, { run: id, host: run.host })
    const outcome = await outcomeOf(deps, run, { record, hostName: host.name })
    return outcome.kind === 'unknown' ? outcome : endRun(deps.store, id, outcome, deps.now())
  }
}

const workerLost: RunOutcome = { kind: 'unknown', says: 'The worker that carried it out was lost.' }

/** What the host has written when nothing more can come: its last word, or what there is after the hard time-out. */
async function finalRecord(deps: ReconcileDeps, run: StoredRun, host: InventoryHost): Promise<RunRecord> {
  const over = run.hardDeadline?.getTime() ?? 0
  for (let left = longestWaitSeconds; ; left -= pollSeconds) {
    const isOver = left <= 0 || deps.now().getTime() >= over
    const record = await recordOf(deps, run, host)
    if (isOver || (record.kind === 'found' && (record.statistics !== null || record.ended !== null))) return record
    await sleep(pollSeconds * 1_000)
  }
}

type Found<Kind extends RunRecord['kind'] = RunRecord['kind']> = {
  readonly record: Extract<RunRecord, { kind: Kind }>
  readonly hostName: string
}

async function outcomeOf(deps: ReconcileDeps, run: StoredRun, found: Found): Promise<RunOutcome> {
  const { record, hostName } = found
  switch (record.kind) {
    case 'unreadable':
      throw new Failure({
        code: 'host.unreachable',
        message: `The record of the run on ${hostName} can’t be read: ${record.says}`,
      })
    case 'none':
      // The host once said that it began: a record that is gone says nothing about what was done.
      if (run.startedAt !== null)
        return { kind: 'unknown', says: `${hostName} has no record of it any more, though it began there.` }
      return {
        kind: 'failed',
        says: `${hostName} has no record of it: nothing of it began there.`,
        task: null,
        changed: 0,
      }
    case 'found':
      return fromRecord(deps, run, { record, hostName })
  }
}

/** A run without a fence never had the host. */
async function recordOf({ door }: ReconcileDeps, run: StoredRun, host: InventoryHost): Promise<RunRecord> {
  return run.fence === null ? { kind: 'none' } : door.status(host, { run: run.id, fence: run.fence })
}

async function fromRecord(
  deps: ReconcileDeps,
  run: StoredRun,
  { record, hostName }: Found<'found'>,
): Promise<RunOutcome> {
  if (record.planDigest !== run.planDigest)
    return { kind: 'unknown', says: `${hostName} has a record of another plan under this run’s name.` }
  if (record.left > 0) return { kind: 'unknown', says: leftSays(hostName, record.left) }
  if (record.statistics === null && run.startedAt === null) {
    // Its row says so before its first task may begin. What the host let in was at most a check.
    return {
      kind: 'failed',
      says: 'It was interrupted before its first task: nothing was changed.',
      task: null,
      changed: 0,
    }
  }
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
