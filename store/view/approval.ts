// The question that waits for a person, as the nine lines of one phone screen; or what became of it.
import { approvalsNeeded } from '../../domain/decision.ts'
import { maximumAttempts } from '../../domain/incident.ts'
import type { InventorySnapshot } from '../../domain/inventory.ts'
import { current, lastOf, type Moment } from '../../domain/telling/summary.ts'
import type { Check } from '../../domain/timeline.ts'
import type { Supposed } from '../../domain/telling/model-view.ts'
import type { DecisionView, IncidentRow, PendingApproval, PlanView } from '../../domain/telling/view.ts'
import { plainText } from '../../domain/telling/words.ts'
import type { Store } from '../connect.ts'
import { lookersOf } from '../looked.ts'
import { findIncident, momentsOf, type Readable, type StoredIncident, toRow } from './incident-row.ts'
import { quarantineView } from './hosts.ts'
import { decisionsOf, plansOf } from './parts.ts'
import { recordOf, runRecords } from './record.ts'

type Context = Readable & { readonly now: Date; readonly inventory: InventorySnapshot }

/** By number, `INC-12` or id. Throws `input.not-found`. */
export async function pendingApproval(store: Store, reference: string, context: Context): Promise<PendingApproval> {
  const stored = await findIncident(store, reference, context)
  const [moments, plans, decisions] = await Promise.all([
    momentsOf(store, stored.id),
    plansOf(store, stored.id),
    decisionsOf(store, stored.id),
  ])
  const incident = toRow(stored, moments, context.now)
  const asked = lastOf(current(moments), 'asked')?.entry
  const plan = plans.listed.findLast((one) => one.id === asked?.plan)
  if (asked === undefined || plan === undefined) return { kind: 'none', incident, says: nothingWaits(incident) }
  const counted = decisions.listed.filter((one) => one.planDigest === plan.digest && one.state === 'delivered')
  const waits = stored.state === 'awaiting-approval' && asked.expiresAt > context.now.toISOString()
  const decision = counted.at(-1)
  if (waits && stillNeeded(plan, counted)) {
    return question({ store, stored, incident, plan, moments, expiresAt: asked.expiresAt, counted, context })
  }
  if (decision !== undefined) return { kind: 'decided', incident, plan, decision }
  const more = lastOf(moments, 'more-asked')
  if (stored.state === 'investigating' || stored.state === 'awaiting-approval') {
    if (more?.entry.plan === plan.id)
      return { kind: 'looking-anew', incident, person: more.entry.person, at: more.moment.at }
  }
  const unanswered = lastOf(moments, 'approval-expired')?.entry.plan === plan.id || stored.state === 'awaiting-approval'
  if (unanswered) return { kind: 'expired', incident, plan, at: asked.expiresAt }
  return { kind: 'none', incident, says: `Withdrawn: it is no longer asked for. ${plainText(incident.says)}` }
}

function nothingWaits(incident: IncidentRow): string {
  return `Nothing waits for a decision here. ${plainText(incident.says)}`
}

/** Nobody has spoken against it, and not everybody who must has approved. */
function stillNeeded(plan: PlanView, counted: readonly DecisionView[]): boolean {
  return counted.length < approvalsNeeded(plan.tier) && counted.every((one) => one.verdict === 'approve')
}

type Question = {
  readonly store: Store
  readonly stored: StoredIncident
  readonly incident: IncidentRow
  readonly plan: PlanView
  readonly moments: readonly Moment[]
  readonly expiresAt: string
  readonly counted: readonly DecisionView[]
  readonly context: Context
}

/** The last diagnosis that proposes this plan's playbook. */
function supposed(moments: readonly Moment[], { kind, playbook }: PlanView): Supposed | null {
  if (kind === 'undo') return null
  const turn = current(moments).findLast(({ entry }) => {
    const proposes = entry.kind === 'turn' ? entry.diagnosis?.proposes : undefined
    return proposes?.kind === 'playbook' && proposes.playbook === playbook
  })?.entry
  if (turn?.kind !== 'turn' || turn.diagnosis === null) return null
  const { hypothesis, confidence, for: pro, against } = turn.diagnosis
  return { model: turn.model, hypothesis, confidence, for: pro, against }
}

async function question(asked: Question): Promise<PendingApproval> {
  const { plan, stored, context } = asked
  const runs = (await runRecords(asked.store, context)).filter((run) => run.playbook === plan.playbook)
  const recognised = lastOf(asked.moments, 'recognised')?.entry
  const known = plan.signature !== null && recognised?.playbook === plan.playbook
  const says: readonly Check[] = known ? recognised.checks : []
  const hold = says.filter((check) => check.answer === 'holds').length
  return {
    kind: 'pending',
    incident: asked.incident,
    plan,
    sourceStatus: stored.source_status,
    checks: { hold, of: says.length, says },
    sure: says.length === 0 ? 'unsure' : hold === says.length ? 'decisive' : 'likely',
    supposed: plan.signature === null ? supposed(asked.moments, plan) : null,
    hosts: context.inventory.hosts.length,
    record: recordOf(runs),
    quarantined: stored.host === null ? null : await quarantineView(asked.store, stored.host),
    onThisHost: runs.filter((run) => run.host === stored.host).length,
    attempt: { number: plan.attempt, of: maximumAttempts },
    approvedBy: asked.counted.map((one) => one.person),
    approvals: approvalsNeeded(plan.tier),
    wantedBy: plan.policy?.verdict === 'auto' ? (lastOf(asked.moments, 'more-asked')?.entry.person ?? null) : null,
    looking: await lookersOf(asked.store, stored.id, context.now),
    expiresAt: asked.expiresAt,
  }
}
