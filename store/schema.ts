// The tables as TypeScript sees them; `migrations/` is the authority.
import type { ColumnType, Generated } from 'kysely'
import type { Alert } from '../domain/alert.ts'
import type { Ask } from '../domain/ask.ts'
import type { PolicyAnswer, Verdict } from '../domain/decision.ts'
import type { Judged, Turn } from '../domain/diagnosis.ts'
import type { ProbeOutcome, ProbeRequest } from '../domain/evidence.ts'
import type { ClosedReason, HandOverReason, IncidentState } from '../domain/incident.ts'
import type { Subject } from '../domain/inventory.ts'
import type { Harness, Message, Question, Stop, Tier } from '../domain/model.ts'
import type { Hand, Role } from '../domain/person.ts'
import type { Plan } from '../domain/plan.ts'
import type { RunOutcome, RunState } from '../domain/run.ts'
import type { TimelineEntry } from '../domain/timeline.ts'
import type { Json } from '../domain/canonical-json.ts'
import type { Notification } from '../integrations/notifier.ts'

/** Read as Date, written as Date or ISO text. */
type Time = ColumnType<Date, Date | string, Date | string>
type MaybeTime = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>
/** Read parsed, written as JSON text. */
type JsonOf<T> = ColumnType<T, string, string>
/** As `JsonOf`; `[]` where nothing is written. */
type WithDefault<T> = ColumnType<T, string | undefined, string>
type MaybeJsonOf<T> = ColumnType<T | null, string | null | undefined, string | null>

/** Wider than what a number of JavaScript holds exactly, so read as text. */
type Amount = ColumnType<string, number | string, number | string>

type Owned = { team: string; environment: string }
type OfInvestigation = { incident: string; number: number }

export type Database = {
  delivery: Owned & {
    id: string
    source: string
    received_at: Time
    body_digest: string
    result: 'opened' | 'merged' | 'reopened' | 'ignored' | 'test' | 'rejected'
    says: string
    body: string
    truncated_alerts: Generated<number>
  }
  incident: Owned & {
    id: string
    number: Generated<string>
    source: string
    group_key: string
    group_id: string
    identity: string
    host: string | null
    storm: Generated<boolean>
    dry_run: Generated<boolean>
    title: string
    severity: string | null
    state: IncidentState
    reason: HandOverReason | null
    closed_reason: ClosedReason | null
    source_status: Alert['status']
    attempt: Generated<number>
    sequence: Generated<number>
    opened_at: Time
    updated_at: Time
    last_seen_at: Time
    closed_at: MaybeTime
    traceparent: string | null
  }
  alert: {
    id: string
    delivery: string
    incident: string
    fingerprint: string
    status: Alert['status']
    name: string
    labels: JsonOf<Alert['labels']>
    annotations: JsonOf<Alert['annotations']>
    subjects: JsonOf<readonly Subject[]>
    starts_at: Time
    ends_at: MaybeTime
    link: string | null
    received_at: Time
  }
  dispatch: {
    id: Generated<string>
    incident: string
    kind: 'start' | 'changed'
    created_at: Time
    next_at: Time
    tries: Generated<number>
    error: string | null
    done_at: MaybeTime
  }
  timeline: { incident: string; sequence: number; at: Time; state: IncidentState | null; entry: JsonOf<TimelineEntry> }
  evidence: {
    id: string
    probe: string
    params: JsonOf<ProbeRequest['params']>
    outcome: JsonOf<ProbeOutcome>
    host_clock: MaybeTime
    host_digest: string | null
    bytes: number
  }
  incident_evidence: {
    incident: string
    round: number
    position: number
    evidence: string
    host: string
    taken_at: Time
  }
  plan: Owned & {
    id: string
    incident: string
    host: string
    playbook: string
    attempt: number
    kind: Plan['kind']
    digest: string
    body: JsonOf<Plan>
    identity: string
    created_at: Time
    expires_at: Time
    policy: MaybeJsonOf<PolicyAnswer>
  }
  decision: Owned & {
    id: string
    plan_digest: string
    incident: string
    person: string
    role: string
    verdict: Verdict
    reason: string
    decided_at: Time
    valid_until: Time
    delivered_at: MaybeTime
    void_at: MaybeTime
    used_at: MaybeTime
    used_by: string | null
    hands: WithDefault<readonly string[]>
  }
  run: Owned & {
    id: string
    incident: string
    plan: string
    plan_digest: string
    host: string
    playbook: string
    decision: string | null
    fence: string | null
    state: RunState
    outcome: MaybeJsonOf<RunOutcome>
    created_at: Time
    deadline: Time
    started_at: MaybeTime
    hard_deadline: MaybeTime
    ended_at: MaybeTime
  }
  run_event: { run: string; sequence: number; at: Time; event: JsonOf<Json> }
  host_lease: {
    host: string
    fence: Generated<string>
    run: string | null
    until: MaybeTime
    last_change_at: MaybeTime
    quarantined_at: MaybeTime
    quarantined_because: string | null
    quarantined_by: string | null
  }
  restored: { at: Time; fence: string }
  kill_switch: {
    one: Generated<boolean>
    stopped: boolean
    by: string
    team: Generated<string>
    says: string
    at: Time
  }
  outbox: {
    id: Generated<string>
    notifier: string
    key: string
    incident: string
    body: JsonOf<Notification>
    created_at: Time
    next_at: Time
    tries: Generated<number>
    error: string | null
    sent_at: MaybeTime
    given_up_at: MaybeTime
    again_at: MaybeTime
  }
  investigation: Owned &
    OfInvestigation & {
      sequence: number
      service: string
      harness: JsonOf<Harness>
      head: JsonOf<Pick<Question, 'system' | 'tools'>>
      began_at: Generated<Date>
    }
  investigation_message: OfInvestigation & {
    turn: number
    /** 0: said to the model; 1: answered by it; 2: as it was said, once the reader has read it. */
    position: 0 | 1 | 2
    message: JsonOf<Message>
  }
  investigation_turn: OfInvestigation & {
    turn: number
    judged: JsonOf<{ readonly judged: Judged; readonly turn: Turn }>
    asks: JsonOf<readonly Ask[]>
  }
  model_call: Owned &
    OfInvestigation & {
      turn: number
      tier: Tier
      service: string
      agent: string
      model: string
      state: 'reserved' | 'answered' | 'failed'
      attempts: Generated<number>
      tokens: Amount
      dollars: Amount
      milliseconds: Amount
      lifted: ColumnType<string, number | undefined, number | string>
      input: number | null
      cache_read: number | null
      cache_write: number | null
      output: number | null
      stop: Stop | null
      sent_bytes: number
      sent_digest: string
      sent_to: string
      priced_by: string
      warns: string | null
      settled: Generated<number[]>
      refusal: string | null
      reserved_at: Generated<Date>
      settled_at: MaybeTime
    }
  budget_lift: {
    id: string
    incident: string
    person: string
    dollars: Amount
    says: string
    at: Generated<Date>
    told_at: MaybeTime
  }
  looked: { incident: string; person: string; at: Time }
  audit_event: Owned & {
    seq: Generated<string>
    at: Time
    actor: string
    act: string
    subject: string
    digests: JsonOf<Json>
    detail: JsonOf<Json>
  }
  person: { name: string; role: Role; team: string; created_at: Time; hands: WithDefault<readonly Hand[]> }
  session: {
    id: string
    person: string
    kind: 'cookie' | 'cli' | 'local'
    created_at: Time
    expires_at: Time
    seen_at: MaybeTime
    hands: WithDefault<readonly Hand[]>
  }
  login_code: {
    id: string
    person: Generated<string>
    role: Generated<Role>
    team: Generated<string>
    created_at: Time
    expires_at: Time
    used_at: MaybeTime
    hands: WithDefault<readonly Hand[]>
  }
}
