// Step 12: let the host's workflow carry the plan out, and wait for what came of it.
import { condition } from '@temporalio/workflow'
import type { DecisionId } from '../../domain/ids.ts'
import type { IncidentState } from '../../domain/incident.ts'
import type { Refusal, RunOutcome, RunRow } from '../../domain/run.ts'
import { releaseCommand } from '../../domain/telling/next-commands.ts'
import { control, requestRun } from '../activities.ts'
import { handOver, type HandedOver } from '../ending.ts'
import { orElse } from '../failed.ts'
import { wellSays } from './health.ts'
import { nowWaiting, record, recordRunEnded, type Story } from '../story.ts'
import type { FrozenPlan } from './plan.ts'
import type { Target } from './scope.ts'

/** How long reconciling an unknown outcome may take after the run's hard time-out; then people hear of it. */
export const reconcileSeconds = 300

type Order = { readonly plan: FrozenPlan; readonly decision: DecisionId | null; readonly undo: boolean }

export async function remediate(story: Story, target: Target, { plan, decision, undo }: Order): Promise<RunOutcome> {
  const stop = await control.readSwitch()
  if (stop.stopped) return { kind: 'refused', code: 'stopped', says: stop.says }
  const row = await control.openRun({ plan: plan.plan, decision })
  if ('code' in row) return row
  const { run, deadline } = row
  await record(story, 'remediating', { kind: 'run-requested', run, plan: plan.plan, deadline, undo })
  story.waiting = nowWaiting(`run ${run} on ${target.hostName}`)
  const request = { run, deadline, incident: story.incident }
  const requested = await orElse(
    requestRun({ host: target.host, zone: target.zone, request }).then(() => true),
    false,
  )
  // A request that seems lost may have arrived: a settled row can't begin any more, one that has begun is unknown.
  const ended = requested
    ? finishedRun(story, row, plan.hardTimeoutSeconds)
    : control.settleRun({ run, says: 'The host could not be asked for the run.' })
  const outcome = outcomeOf(await orElse(ended, null))
  await recordRunEnded(story, stateAfter(outcome, undo), { run, outcome, undo })
  return outcome
}

async function finishedRun(story: Story, { run, deadline }: RunRow, hardTimeoutSeconds: number): Promise<RunRow> {
  const until = Date.parse(deadline) + (hardTimeoutSeconds + reconcileSeconds) * 1_000
  const heard = await condition(() => story.finished.has(run), Math.max(1, until - Date.now()))
  // Settling a run that has ended changes nothing, so a message that was lost does no harm either.
  if (!heard) return control.settleRun({ run, says: 'Nothing was heard of this run within its time.' })
  const row = await control.readRun({ run })
  // Only now: what could not be read is read again once people have the incident.
  story.finished.delete(run)
  return row
}

/** Null: its row could not be read. */
function outcomeOf(row: RunRow | null): RunOutcome {
  if (row === null) return { kind: 'unknown', says: 'What is recorded of the run could not be read.' }
  return row.outcome ?? { kind: 'unknown', says: `The run is still ${row.state}: what it did is not known.` }
}

function stateAfter(outcome: RunOutcome, undo: boolean): IncidentState {
  switch (outcome.kind) {
    case 'succeeded':
      return undo ? 'investigating' : 'verifying'
    case 'failed':
    case 'refused':
    case 'unknown':
      return 'investigating'
  }
}

/** What a person can do about it: an approval is never used again, and an incident that people have makes no plan. */
const decideAnew =
  'Repair it by hand, or close this incident: when the alert fires again, it is looked at anew and asked about anew.'

/** Nothing was started: why people get it. */
export function refusedRun(outcome: Refusal): HandedOver {
  const says = `Nothing was started: ${outcome.says}`
  switch (outcome.code) {
    case 'stopped':
      return handOver('stopped', says)
    case 'policy.forbidden':
      return handOver('forbidden', says)
    case 'conflict.expired':
      return handOver('expired', `${says} ${decideAnew}`)
    case 'host.unknown-key':
      return handOver('unreachable', `Security finding: ${says}`)
    case 'conflict.not-delivered':
    case 'conflict.already-decided':
    case 'conflict.plan-changed':
    case 'run.not-as-previewed':
      return handOver('decision-void', `${says} ${decideAnew}`)
    default:
      return handOver('failed', says)
  }
}

type Unknown = Extract<RunOutcome, { kind: 'unknown' }>

/** It may or may not have happened. It is never repeated, and whatever is measured now, people hear of it. */
export async function unknownRun(story: Story, target: Target, { says }: Unknown): Promise<HandedOver> {
  const now = await wellSays(story, target)
  const closed = `${target.hostName} takes no repairs until it is released: ${releaseCommand(target.host)}`
  return handOver('unknown', `What the run did is not known, so it is not repeated. ${says} ${now}${closed}`)
}
