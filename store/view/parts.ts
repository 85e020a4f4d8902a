// Rows of one incident as the parts of its page.
import { type Selectable, sql } from 'kysely'
import { labelOf } from '../../domain/evidence-text.ts'
import { tellingFirst } from '../../domain/telling/seen.ts'
import type { CallView } from '../../domain/telling/model-view.ts'
import type { EvidenceView, AlertView, DecisionView, Listed, PlanView, RunView } from '../../domain/telling/view.ts'
import type { Store } from '../connect.ts'
import type { Database } from '../schema.ts'
import { iso, isoOrNull } from './incident-row.ts'
import { sayRunEvent } from './run-event.ts'

/** Limits of one page. The newest are listed; how many are not is counted, and said to people. */
const maximumAlerts = 60
const maximumEvidence = 120
const maximumPlans = 20
const maximumRuns = 20
const maximumDecisions = 50
const maximumRunEvents = 120

/** How many rows there are without the limit. */
const total = sql<number>`(count(*) over ())::int`.as('total')

function listedOf<Row extends { readonly total: number }, T>(rows: readonly Row[], view: (row: Row) => T): Listed<T> {
  return { listed: rows.map(view), left: (rows[0]?.total ?? 0) - rows.length }
}

/** Those that were heard of last come first. */
export async function alertsOf(store: Store, incident: string): Promise<Listed<AlertView>> {
  const rows = await store
    .selectFrom((all) =>
      all
        .selectFrom('alert')
        .distinctOn('fingerprint')
        .selectAll()
        .where('incident', '=', incident)
        .orderBy('fingerprint')
        .orderBy('received_at', 'desc')
        .as('last'),
    )
    .selectAll()
    .select(total)
    .orderBy('received_at', 'desc')
    .orderBy('fingerprint')
    .limit(maximumAlerts)
    .execute()
  return listedOf(rows, (row) => ({
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

const placed = [
  'incident_evidence.round',
  'incident_evidence.position',
  'incident_evidence.host',
  'incident_evidence.taken_at',
] as const

/** The facts that `deciding` names come first in each answer. */
export async function evidenceOf(
  store: Store,
  incident: string,
  deciding: ReadonlySet<string>,
): Promise<Listed<EvidenceView>> {
  const rows = await store
    .selectFrom('incident_evidence')
    .innerJoin('evidence', 'evidence.id', 'incident_evidence.evidence')
    .select(['evidence.id', 'evidence.probe', 'evidence.params', 'evidence.outcome', 'evidence.host_clock'])
    .select(placed)
    .select(total)
    .where('incident_evidence.incident', '=', incident)
    .orderBy('incident_evidence.round', 'desc')
    .orderBy('incident_evidence.position')
    .limit(maximumEvidence)
    .execute()
  const byRound = rows.toSorted((a, b) => a.round - b.round)
  return listedOf(byRound, (row) => evidenceView(row, deciding))
}

/** The last answer of each host to each question; what stands on the incident's own host comes first. */
export async function newestEvidence(
  store: Store,
  { id, host }: { readonly id: string; readonly host: string | null },
  deciding: ReadonlySet<string>,
): Promise<Listed<EvidenceView>> {
  const rows = await store
    .selectFrom((all) =>
      all
        .selectFrom('incident_evidence')
        .innerJoin('evidence', 'evidence.id', 'incident_evidence.evidence')
        .distinctOn(['incident_evidence.host', 'evidence.probe', 'evidence.params'])
        .select(['evidence.id', 'evidence.probe', 'evidence.params', 'evidence.outcome', 'evidence.host_clock'])
        .select(placed)
        .select(total)
        .where('incident_evidence.incident', '=', id)
        .orderBy('incident_evidence.host')
        .orderBy('evidence.probe')
        .orderBy('evidence.params')
        .orderBy('incident_evidence.round', 'desc')
        .orderBy('incident_evidence.position', 'desc')
        .as('newest'),
    )
    .selectAll()
    .orderBy((of) => of('host', '=', host), 'desc')
    .orderBy('round')
    .orderBy('position')
    .limit(maximumEvidence)
    .execute()
  return listedOf(rows, (row) => evidenceView(row, deciding))
}

type EvidenceRow = Pick<Selectable<Database['evidence']>, 'id' | 'probe' | 'params' | 'outcome' | 'host_clock'> &
  Pick<Selectable<Database['incident_evidence']>, 'round' | 'position' | 'host' | 'taken_at'>

function evidenceView(row: EvidenceRow, deciding: ReadonlySet<string>): EvidenceView {
  const { id, probe, params, outcome, round, position, host } = row
  const seen: EvidenceView['seen'] =
    outcome.status === 'ok'
      ? { ...outcome, facts: tellingFirst(probe, outcome.facts, deciding) }
      : { status: 'failed', reason: outcome.reason, says: outcome.message }
  const clocks = { takenAt: iso(row.taken_at), hostClock: isoOrNull(row.host_clock) }
  return { id, label: labelOf({ round, position }), round, host, request: { probe, params }, ...clocks, seen }
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
    signature: body.signature,
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

export async function plansOf(store: Store, incident: string): Promise<Listed<PlanView>> {
  const rows = await store
    .selectFrom('plan')
    .selectAll()
    .select(total)
    .where('incident', '=', incident)
    .orderBy('created_at', 'desc')
    .limit(maximumPlans)
    .execute()
  return listedOf(rows.toReversed(), planView)
}

export async function decisionsOf(store: Store, incident: string): Promise<Listed<DecisionView>> {
  const rows = await store
    .selectFrom('decision')
    .selectAll()
    .select(total)
    .where('incident', '=', incident)
    .orderBy('decided_at', 'desc')
    .limit(maximumDecisions)
    .execute()
  return listedOf(rows.toReversed(), (row) => ({
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

export async function runsOf(store: Store, incident: string): Promise<Listed<RunView>> {
  const rows = await store
    .selectFrom('run')
    .selectAll()
    .select(total)
    .where('incident', '=', incident)
    .orderBy('created_at', 'desc')
    .limit(maximumRuns)
    .execute()
  const { listed, left } = listedOf(rows.toReversed(), (row) => runView(store, row))
  return { listed: await Promise.all(listed), left }
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

/** Four investigations of twelve turns, with a reader. */
const maximumCalls = 96

/** What left for models because of one incident, call by call: the last ones, oldest first. */
export async function callsOf(store: Store, incident: string): Promise<Listed<CallView>> {
  const rows = await store
    .selectFrom('model_call')
    .selectAll()
    .select(total)
    .where('incident', '=', incident)
    .orderBy('reserved_at', 'desc')
    .orderBy('tier')
    .limit(maximumCalls)
    .execute()
  return listedOf(rows.toReversed(), (row) => ({
    investigation: row.number,
    turn: row.turn,
    tier: row.tier,
    model: row.model,
    state: row.state,
    at: iso(row.reserved_at),
    to: row.sent_to,
    bytes: row.sent_bytes,
    digest: row.sent_digest,
    tokens: Number(row.tokens),
    dollars: Number(row.dollars),
    pricedBy: row.priced_by,
  }))
}
