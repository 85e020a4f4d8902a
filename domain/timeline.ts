// The story of an incident, entry by entry. Each is written in one transaction with its state and audit event, before
// the next step.
import type { PolicyAnswer, Verdict } from './decision.ts'
import type { Turn } from './diagnosis.ts'
import type { Digest, EvidenceId, IncidentId, PlanId, RunId } from './ids.ts'
import type { ClosedReason, HandOverReason, IncidentState, Would } from './incident.ts'
import type { Change } from './plan.ts'
import type { Params } from './predicate.ts'
import type { RunOutcome, RuleState } from './run.ts'

/** A check in words, with what was seen. */
export type Check = {
  readonly says: string
  readonly answer: 'holds' | 'fails' | 'unknown'
  readonly observed: string
  readonly evidence: EvidenceId | null
}

/** A playbook's signature that did not hold, and the first checks that say why. */
export type NotThis = { readonly playbook: string; readonly signature: string; readonly because: readonly Check[] }

export type TimelineEntry =
  | {
      readonly kind: 'alerted'
      readonly source: string
      readonly alerts: readonly string[]
      readonly severity: string | null
    }
  | { readonly kind: 'scoped'; readonly host: string; readonly subjects: readonly string[] }
  | {
      readonly kind: 'looked'
      readonly host: string
      /** Where a model asked for it: every host that was looked at, or asked about in a store. */
      readonly hosts?: readonly string[]
      readonly round: number
      readonly evidence: readonly EvidenceId[]
      readonly failed: number
      readonly milliseconds: number
    }
  | {
      readonly kind: 'recognised'
      readonly playbook: string
      readonly signature: string
      readonly says: string
      readonly params: Params
      readonly checks: readonly Check[]
      readonly not: readonly NotThis[]
    }
  | { readonly kind: 'not-recognised'; readonly not: readonly NotThis[] }
  /** A model is asked, so many turns at most. `bytes`: of the first request; `harness`: of all that it works with. */
  | {
      readonly kind: 'investigation-began'
      readonly investigation: number
      readonly model: string
      readonly harness: Digest
      readonly bytes: number
      readonly turns: number
    }
  | ({ readonly kind: 'turn' } & Turn)
  /** A person lets it have more than its budget. */
  | { readonly kind: 'budget-lifted'; readonly person: string; readonly dollars: number }
  | { readonly kind: 'ambiguous'; readonly matches: readonly { readonly playbook: string; readonly says: string }[] }
  | {
      readonly kind: 'planned'
      readonly plan: PlanId
      readonly digest: Digest
      readonly playbook: string
      readonly version: string
      readonly wants: string
      readonly attempt: number
      readonly preview: readonly Change[]
    }
  | { readonly kind: 'policy'; readonly plan: PlanId; readonly answer: PolicyAnswer }
  | { readonly kind: 'asked'; readonly plan: PlanId; readonly digest: Digest; readonly expiresAt: string }
  | {
      readonly kind: 'decided'
      readonly plan: PlanId
      readonly verdict: Verdict
      readonly person: string
      readonly reason: string
    }
  /** Somebody wants fresh evidence before they decide; the plan that waited is dropped. */
  | { readonly kind: 'more-asked'; readonly plan: PlanId; readonly person: string; readonly says: string }
  | { readonly kind: 'approval-expired'; readonly plan: PlanId }
  | {
      readonly kind: 'run-requested'
      readonly run: RunId
      readonly plan: PlanId
      readonly deadline: string
      readonly undo: boolean
    }
  | { readonly kind: 'run-ended'; readonly run: RunId; readonly outcome: RunOutcome; readonly undo: boolean }
  | {
      readonly kind: 'recovered'
      readonly checks: readonly Check[]
      readonly rule: RuleState
      readonly soakSeconds: number
    }
  | {
      readonly kind: 'verified'
      readonly checks: readonly Check[]
      readonly rule: RuleState
      readonly heldSeconds: number
    }
  | { readonly kind: 'not-recovered'; readonly checks: readonly Check[]; readonly rule: RuleState }
  | { readonly kind: 'handed-over'; readonly reason: HandOverReason; readonly says: string }
  | { readonly kind: 'source-resolved' }
  /** Another incident, by its number, is changing the host: nothing is decided until that is over. */
  | { readonly kind: 'waits-for'; readonly incident: number; readonly host: string }
  /** Another alert fired before what was measured could be taken as the end. */
  | { readonly kind: 'more-alerts' }
  | {
      readonly kind: 'closed'
      readonly reason: ClosedReason
      readonly person: string | null
      readonly says: string
      /** Of a dry run. */
      readonly would?: Would
    }
  | { readonly kind: 'reopened' }

/**
 * One transition: state, timeline entry, audit event and notifications, in one transaction; idempotent by (incident,
 * sequence).
 */
export type Transition = {
  readonly incident: IncidentId
  /** Counted by the workflow from 1; the gateway's own first entry is 0. */
  readonly sequence: number
  /** The state after it; null leaves it. */
  readonly state: IncidentState | null
  readonly entry: TimelineEntry
  /** Of a close by Millwright: the firings that it knows of. It counts only while there are no more. */
  readonly firings?: number
}

/** Where an incident's story stands when its workflow begins. */
export type Standing = {
  readonly state: IncidentState
  /** Sequence of the gateway's entry that began it (`alerted` or `reopened`); the workflow counts on from it. */
  readonly sequence: number
  /** The last round of evidence. */
  readonly round: number
  /** Runs that ended in this story, as it tells, and of which nobody knows what they did. */
  readonly unknown?: readonly RunId[]
  /** One that was to take a change back failed in this story. */
  readonly undoFailed?: boolean
}
