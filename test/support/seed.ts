// Rows of an incident, written straight into SQL: what a page is made from, without anything that would write it.
import type { Json } from '../../domain/canonical-json.ts'
import type { ProbeOutcome, ProbeRequest } from '../../domain/evidence.ts'
import type { ClosedReason, HandOverReason, IncidentState } from '../../domain/incident.ts'
import type { Plan } from '../../domain/plan.ts'
import type { RunOutcome, RunState } from '../../domain/run.ts'
import type { TimelineEntry } from '../../domain/timeline.ts'
import { digestOf } from '../../runtime/digest.ts'
import { newId } from '../../runtime/ids.ts'
import type { Store } from '../../store/connect.ts'

const owned = { team: 'default', environment: 'lab' }

export type SeedIncident = {
  readonly openedAt: Date
  readonly title?: string
  readonly host?: string | null
  readonly severity?: string | null
  readonly state?: IncidentState
  readonly reason?: HandOverReason | null
  readonly closedReason?: ClosedReason | null
  readonly closedAt?: Date | null
  readonly source?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly link?: string | null
  readonly sourceStatus?: 'firing' | 'resolved'
}

export type Seeded = { readonly id: string; readonly number: string; readonly openedAt: Date }

/** An incident with one delivery and one alert. */
export async function seedIncident(store: Store, seed: SeedIncident): Promise<Seeded> {
  const id = newId('inc')
  const source = seed.source ?? 'alertmanager'
  const title = seed.title ?? 'BlackboxProbeFailed on web-01'
  const { number } = await store
    .insertInto('incident')
    .values({
      ...owned,
      id,
      source,
      group_key: id,
      group_id: `grp_${id}`,
      identity: digestOf(id),
      host: seed.host === undefined ? 'web-01' : seed.host,
      title,
      severity: seed.severity === undefined ? 'critical' : seed.severity,
      state: seed.state ?? 'open',
      reason: seed.reason ?? null,
      closed_reason: seed.closedReason ?? null,
      source_status: seed.sourceStatus ?? 'firing',
      opened_at: seed.openedAt,
      updated_at: seed.closedAt ?? seed.openedAt,
      last_seen_at: seed.openedAt,
      closed_at: seed.closedAt ?? null,
      traceparent: null,
    })
    .returning('number')
    .executeTakeFirstOrThrow()
  await seedAlert(store, { incident: id, source, name: title.split(' ')[0] ?? 'alert', seed })
  return { id, number, openedAt: seed.openedAt }
}

type SeedAlert = {
  readonly incident: string
  readonly source: string
  readonly name: string
  readonly seed: SeedIncident
}

async function seedAlert(store: Store, { incident, source, name, seed }: SeedAlert): Promise<void> {
  const delivery = newId('del')
  await store
    .insertInto('delivery')
    .values({
      ...owned,
      id: delivery,
      source,
      received_at: seed.openedAt,
      body_digest: digestOf(delivery),
      result: 'opened',
      says: 'Opened one incident.',
      body: '{}',
    })
    .execute()
  const statuses = seed.sourceStatus === 'resolved' ? (['firing', 'resolved'] as const) : (['firing'] as const)
  const rows = statuses.map((status, at) => ({
    id: newId('alr'),
    delivery,
    incident,
    fingerprint: digestOf(incident).slice(0, 16),
    status,
    name,
    labels: JSON.stringify(seed.labels ?? { alertname: name, instance: 'web-01:80', severity: 'critical' }),
    annotations: JSON.stringify(seed.annotations ?? { summary: 'The probe fails.' }),
    subjects: '[]',
    starts_at: seed.openedAt,
    ends_at: null,
    link: seed.link ?? null,
    received_at: new Date(seed.openedAt.getTime() + at),
  }))
  await store.insertInto('alert').values(rows).execute()
}

/** Its workflow was started, and that is done. */
export async function seedDispatched(store: Store, { id, openedAt }: Seeded): Promise<void> {
  const at = { created_at: openedAt, next_at: openedAt, done_at: openedAt }
  await store
    .insertInto('dispatch')
    .values({ incident: id, kind: 'start', ...at })
    .execute()
}

/** Timeline entries, each with the milliseconds after the opening at which it was written. */
export async function seedStory(
  store: Store,
  incident: Seeded,
  entries: readonly (readonly [number, TimelineEntry])[],
): Promise<void> {
  const rows = entries.map(([after, entry], sequence) => ({
    incident: incident.id,
    sequence,
    at: new Date(incident.openedAt.getTime() + after),
    state: null,
    entry: JSON.stringify(entry),
  }))
  await store.insertInto('timeline').values(rows).execute()
}

/** Evidence of one round in its order; answers the ids. */
export async function seedEvidence(
  store: Store,
  incident: Seeded,
  answers: readonly (readonly [ProbeRequest, ProbeOutcome])[],
  {
    round = 1,
    host = 'web-01',
    from = 0,
  }: { readonly round?: number; readonly host?: string; readonly from?: number } = {},
): Promise<readonly string[]> {
  const ids = answers.map((answer) => digestOf([incident.id, round, host, answer]))
  for (const [at, [request, outcome]] of answers.entries()) {
    const id = ids[at] ?? ''
    const position = from + at
    const row = { id, probe: request.probe, params: JSON.stringify(request.params), outcome: JSON.stringify(outcome) }
    await store
      .insertInto('evidence')
      .values({ ...row, host_clock: incident.openedAt, host_digest: id, bytes: row.outcome.length })
      .execute()
    await store
      .insertInto('incident_evidence')
      .values({ incident: incident.id, round, position, evidence: id, host, taken_at: incident.openedAt })
      .execute()
  }
  return ids
}

/** A plan's row; `change` overrides parts of a service-restart plan. */
export async function seedPlan(
  store: Store,
  incident: Seeded,
  change: Partial<Plan> = {},
): Promise<Plan & { digest: string }> {
  const plan: Plan = { ...basePlan(incident), ...change }
  const digest = digestOf(plan)
  await store
    .insertInto('plan')
    .values({
      ...owned,
      id: plan.id,
      incident: incident.id,
      host: plan.hosts[0].id,
      playbook: plan.playbook.id,
      attempt: plan.attempt,
      kind: plan.kind,
      digest,
      body: JSON.stringify(plan),
      identity: digestOf(incident.id),
      created_at: plan.createdAt,
      expires_at: plan.expiresAt,
      policy: JSON.stringify({
        verdict: 'ask',
        rule: { id: 'tier-2-asks', says: 'Tier 2 asks a person' },
        policies: digestOf('policies'),
      }),
    })
    .execute()
  return { ...plan, digest }
}

function basePlan(incident: Seeded): Plan {
  return {
    version: 1,
    kind: 'remediate',
    id: newId('plan'),
    incident: incident.id,
    attempt: 1,
    ...owned,
    playbook: { id: 'service-restart', version: '1.0.0', digest: digestOf('service-restart') },
    wants: 'Restart nginx.service',
    tier: 1,
    params: { unit: 'nginx.service' },
    provenance: { unit: { class: 'inventory', origin: 'web-01' } },
    hosts: [{ id: 'web-01', name: 'web-01', hostKeys: [] }],
    signature: 'service-crashed',
    because: 'nginx.service crashed',
    evidence: [],
    preconditions: [],
    preview: [{ says: 'Restart nginx.service', items: [], touches: [], reversible: true }],
    undo: 'none',
    hardTimeoutSeconds: 60,
    built: { catalogue: digestOf('c'), policies: digestOf('p'), inventory: digestOf('i') },
    createdAt: new Date(incident.openedAt.getTime() + 240).toISOString(),
    expiresAt: new Date(incident.openedAt.getTime() + 900_000).toISOString(),
  }
}

type SeedRun = { readonly after: number; readonly state: RunState; readonly outcome: RunOutcome | null }

/** A run's row, started `after` milliseconds after the opening; answers its id. */
export async function seedRun(
  store: Store,
  { id, openedAt }: Seeded,
  plan: Plan & { digest: string },
  seed: SeedRun,
): Promise<string> {
  const run = newId('run')
  const started = new Date(openedAt.getTime() + seed.after)
  await store
    .insertInto('run')
    .values({
      ...owned,
      id: run,
      incident: id,
      plan: plan.id,
      plan_digest: plan.digest,
      host: plan.hosts[0].id,
      playbook: plan.playbook.id,
      state: seed.state,
      outcome: seed.outcome === null ? null : JSON.stringify(seed.outcome),
      decision: null,
      fence: '1',
      created_at: started,
      deadline: new Date(started.getTime() + 60_000),
      started_at: started,
      ended_at: seed.outcome === null ? null : new Date(started.getTime() + 3_000),
    })
    .execute()
  return run
}

/** A decision that was delivered. */
export async function seedDecision(
  store: Store,
  { id, openedAt }: Seeded,
  planDigest: string,
  { person, reason }: { readonly person: string; readonly reason: string },
): Promise<void> {
  await store
    .insertInto('decision')
    .values({
      ...owned,
      id: newId('dec'),
      plan_digest: planDigest,
      incident: id,
      person,
      role: 'approver',
      verdict: 'approve',
      reason,
      decided_at: openedAt,
      valid_until: openedAt,
      delivered_at: openedAt,
    })
    .execute()
}

/** Lines of a run's output, one a second. */
export async function seedRunEvents(store: Store, run: string, from: Date, events: readonly Json[]): Promise<void> {
  const rows = events.map((event, sequence) => ({
    run,
    sequence,
    at: new Date(from.getTime() + sequence * 1_000),
    event: JSON.stringify(event),
  }))
  await store.insertInto('run_event').values(rows).execute()
}
