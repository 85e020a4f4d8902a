// Rows of one incident as the parts of its page.
import type { Selectable } from 'kysely'
import { tellingFirst } from '../../domain/seen.ts'
import type { EvidenceView, AlertView, DecisionView, PlanView, RunView } from '../../domain/view.ts'
import type { Store } from '../connect.ts'
import type { Database } from '../schema.ts'
import { iso, isoOrNull } from './incident-row.ts'
import { sayRunEvent } from './run-event.ts'

/** Limits of one page: what is beyond is counted, not shown. */
const maximumAlerts = 60
const maximumEvidence = 120
const maximumRunEvents = 120

export async function alertsOf(store: Store, incident: string): Promise<readonly AlertView[]> {
  const rows = await store
    .selectFrom('alert')
    .distinctOn('fingerprint')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('fingerprint')
    .orderBy('received_at', 'desc')
    .limit(maximumAlerts)
    .execute()
  return rows.map((row) => ({
    name: row.name,
    status: row.status,
    fingerprint: row.fingerprint,
    labels: row.labels,
    annotations: row.annotations,
    // What its sender dates into the future began when it was heard of.
    startsAt: iso(row.starts_at < row.received_at ? row.starts_at : row.received_at),
    endsAt: isoOrNull(row.ends_at),
    link: safeLink(row.link),
  }))
}

function safeLink(link: string | null): string | null {
  return link !== null && /^https?:\/\/[^\s]+$/i.test(link) ? link : null
}

/** The facts that `deciding` names come first in each answer. */
export async function evidenceOf(
  store: Store,
  incident: string,
  deciding: ReadonlySet<string>,
): Promise<readonly EvidenceView[]> {
  const rows = await store
    .selectFrom('incident_evidence')
    .innerJoin('evidence', 'evidence.id', 'incident_evidence.evidence')
    .select(['evidence.id', 'evidence.probe', 'evidence.params', 'evidence.outcome', 'evidence.host_clock'])
    .select(['incident_evidence.round', 'incident_evidence.host', 'incident_evidence.taken_at'])
    .where('incident_evidence.incident', '=', incident)
    .orderBy('incident_evidence.round')
    .orderBy('incident_evidence.position')
    .limit(maximumEvidence)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    round: row.round,
    host: row.host,
    request: { probe: row.probe, params: row.params },
    takenAt: iso(row.taken_at),
    hostClock: isoOrNull(row.host_clock),
    seen:
      row.outcome.status === 'ok'
        ? { ...row.outcome, facts: tellingFirst(row.probe, row.outcome.facts, deciding) }
        : { status: 'failed', reason: row.outcome.reason, says: row.outcome.message },
  }))
}

export function planView(row: Selectable<Database['plan']>): PlanView {
  const { body } = row
  return {
    id: row.id,
    digest: row.digest,
    kind: row.kind,
    attempt: row.attempt,
    playbook: body.playbook.id,
    version: body.playbook.version,
    tier: body.tier,
    wants: body.wants,
    because: body.because,
    host: body.hosts[0].name,
    params: body.params,
    preview: body.preview,
    undo: body.undo,
    createdAt: iso(row.created_at),
    expiresAt: iso(row.expires_at),
    policy:
      row.policy === null
        ? null
        : { verdict: row.policy.verdict, rule: row.policy.rule.id, says: row.policy.rule.says },
  }
}

export async function plansOf(store: Store, incident: string): Promise<readonly PlanView[]> {
  const rows = await store
    .selectFrom('plan')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('created_at')
    .limit(20)
    .execute()
  return rows.map(planView)
}

export async function decisionsOf(store: Store, incident: string): Promise<readonly DecisionView[]> {
  const rows = await store
    .selectFrom('decision')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('decided_at')
    .limit(50)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    planDigest: row.plan_digest,
    verdict: row.verdict,
    person: row.person,
    role: row.role,
    reason: row.reason,
    at: iso(row.decided_at),
    state: row.void_at !== null ? 'void' : row.delivered_at !== null ? 'delivered' : 'sent',
  }))
}

export async function runsOf(store: Store, incident: string): Promise<readonly RunView[]> {
  const rows = await store
    .selectFrom('run')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('created_at')
    .limit(20)
    .execute()
  return Promise.all(rows.map((row) => runView(store, row)))
}

async function runView(store: Store, row: Selectable<Database['run']>): Promise<RunView> {
  const events = await store
    .selectFrom('run_event')
    .select(['sequence', 'at', 'event'])
    .where('run', '=', row.id)
    .orderBy('sequence', 'desc')
    .limit(maximumRunEvents)
    .execute()
  const first = events.at(-1)
  return {
    id: row.id,
    plan: row.plan,
    playbook: row.playbook,
    host: row.host,
    state: row.state,
    outcome: row.outcome,
    startedAt: isoOrNull(row.started_at),
    endedAt: isoOrNull(row.ended_at),
    events: events.toReversed().map(({ sequence, at, event }) => ({ sequence, at: iso(at), ...sayRunEvent(event) })),
    left: first === undefined || events.length < maximumRunEvents ? 0 : Math.max(0, first.sequence),
  }
}
