// What people see, as data: read models made from SQL alone. Pages render them, the HTTP API sends them, commands print
// them. Every moment is ISO 8601 in UTC, every duration milliseconds unless its name says otherwise.
import type { Verdict } from '../decision.ts'
import type { Facts, ProbeRequest } from '../evidence.ts'
import type { QuarantineView } from './fleet-view.ts'
import type { CallView, Supposed } from './model-view.ts'
import type { Digest, EvidenceId, IncidentId, PlanId, RunId } from '../ids.ts'
import type { ClosedReason, HandOverReason, IncidentState, Would } from '../incident.ts'
import type { Change } from '../plan.ts'
import type { Person } from '../person.ts'
import type { Params } from '../predicate.ts'
import type { RunOutcome, RunState } from '../run.ts'
import type { Check, NotThis } from '../timeline.ts'
import type { Badge, Sentence, Tone } from './words.ts'

/** The person a page or answer is made for. */
export type Viewer = Person

export type IncidentRow = {
  readonly id: IncidentId
  readonly number: number
  /** What is wrong where: the recognised fault, or what was reported. */
  readonly title: string
  /** What the alerts were called when they came in. */
  readonly reported: string
  readonly host: string | null
  readonly environment: string
  readonly severity: string | null
  readonly state: IncidentState
  readonly reason: HandOverReason | null
  readonly closedReason: ClosedReason | null
  /** It is looked into without the right to act. */
  readonly dryRun: boolean
  readonly badge: Badge
  readonly says: Sentence
  readonly openedAt: string
  readonly updatedAt: string
  readonly closedAt: string | null
  /** From the first alert to its end, or to now. */
  readonly lasted: number
  /** When the waiting approval ends; null when none waits. */
  readonly expiresAt: string | null
}

export type Counters = {
  readonly alertsToday: number
  readonly incidentsToday: number
  readonly repairedToday: number
  readonly handedOverToday: number
  /** Runs of the last 90 days whose verification failed, or that failed after they had changed something. */
  readonly wrongChanges: number
  /** Runs of the last 90 days that started on a host; the denominator of `wrongChanges`. */
  readonly runs: number
}

export type IncidentList = {
  readonly at: string
  readonly headline: string
  readonly says: string
  readonly counters: Counters
  readonly needsYou: readonly IncidentRow[]
  readonly inProgress: readonly IncidentRow[]
  /** Closed today, newest first. */
  readonly closed: readonly IncidentRow[]
  /** How many of each group are not listed, because a list has a limit. */
  readonly left: { readonly needsYou: number; readonly inProgress: number; readonly closed: number }
}

export type Step = {
  readonly word: string
  readonly state: 'done' | 'now' | 'todo' | 'failed' | 'need'
  readonly at: string | null
  /** After the first step. */
  readonly after: number | null
  /** Said instead of the time: "40 s to go". */
  readonly says: Sentence | null
}

export type StoryEntry = {
  readonly sequence: number
  readonly at: string
  /** After the first entry. */
  readonly after: number
  readonly kind: string
  readonly tone: Tone
  readonly says: Sentence
  readonly more: readonly Sentence[]
  /** What stands one click away. */
  readonly evidence: readonly EvidenceId[]
  /** Of evidence, where it looked. */
  readonly round: number | null
  readonly checks: readonly Check[]
  readonly not: readonly NotThis[]
  readonly preview: readonly Change[]
  readonly run: RunId | null
}

export type EvidenceView = {
  readonly id: EvidenceId
  /** What a model calls it: `e2.0`. */
  readonly label: string
  readonly round: number
  /** The inventory's id. */
  readonly host: string
  readonly request: ProbeRequest
  readonly takenAt: string
  readonly hostClock: string | null
  readonly seen:
    | { readonly status: 'ok'; readonly facts: Facts; readonly excerpt: string; readonly truncated: boolean }
    | { readonly status: 'failed'; readonly reason: string; readonly says: string }
}

export type PlanView = {
  readonly id: PlanId
  readonly digest: Digest
  readonly kind: 'remediate' | 'undo'
  readonly attempt: number
  readonly playbook: string
  readonly version: string
  readonly tier: number
  readonly wants: string
  readonly because: string
  /** The known fault that it is for; null: it is for none. */
  readonly signature: string | null
  readonly host: string
  readonly params: Params
  readonly preview: readonly Change[]
  readonly undo: 'play' | 'none'
  readonly createdAt: string
  readonly expiresAt: string
  readonly policy: { readonly verdict: string; readonly rule: string; readonly says: string } | null
}

export type DecisionView = {
  readonly id: string
  readonly planDigest: Digest
  readonly verdict: Verdict
  readonly person: string
  readonly role: string
  readonly reason: string
  readonly at: string
  readonly state: 'delivered' | 'void' | 'sent'
}

export type RunEventView = {
  readonly sequence: number
  readonly at: string
  readonly says: string
  readonly tone: Tone
}

export type RunView = {
  readonly id: RunId
  readonly plan: PlanId
  readonly playbook: string
  readonly host: string
  readonly state: RunState
  readonly outcome: RunOutcome | null
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly events: readonly RunEventView[]
  /** How many earlier events are not listed. */
  readonly left: number
}

export type AlertView = {
  readonly name: string
  readonly status: 'firing' | 'resolved'
  readonly fingerprint: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string | null
  /** http(s) only; anything else is null. */
  readonly link: string | null
}

/** How often a playbook's runs of the last 90 days were verified. */
export type Record90 = {
  readonly runs: number
  readonly verified: number
  readonly wrong: number
  readonly open: number
}

/** The newest of a list, and how many older ones there are. */
export type Listed<T> = { readonly listed: readonly T[]; readonly left: number }

/** How many of each are not listed, because a list has a limit: the oldest ones. */
export type Left = {
  readonly alerts: number
  /** Answers of probes. */
  readonly answers: number
  readonly plans: number
  readonly decisions: number
  readonly calls: number
  readonly runs: number
}

export type IncidentView = IncidentRow & {
  readonly source: string
  readonly team: string
  /** What would have come next; null while that is not known, and where it is no dry run. */
  readonly would: Would | null
  readonly sourceStatus: 'firing' | 'resolved'
  readonly storm: boolean
  /** Of its host; null: it may be changed, as far as policy lets it. */
  readonly quarantined: QuarantineView | null
  /** The last timeline sequence and run event that are in here. */
  readonly cursor: { readonly sequence: number; readonly runEvents: number }
  readonly steps: readonly Step[]
  readonly story: readonly StoryEntry[]
  readonly alerts: readonly AlertView[]
  /** By round; in each those answers first that tell most. */
  readonly evidence: readonly EvidenceView[]
  readonly plans: readonly PlanView[]
  readonly decisions: readonly DecisionView[]
  readonly runs: readonly RunView[]
  readonly calls: readonly CallView[]
  readonly left: Left
  readonly attempt: { readonly used: number; readonly of: number }
  readonly record: Record90 | null
}

/** Somebody who has opened it lately. */
export type Looker = { readonly person: string; readonly at: string }

/** The nine lines of the approval screen; or what became of the question. */
export type PendingApproval =
  | {
      readonly kind: 'pending'
      readonly incident: IncidentRow
      readonly plan: PlanView
      readonly sourceStatus: 'firing' | 'resolved'
      /** "3 of 3 checks agree" and whether every one does; of a plan for no known fault none are counted. */
      readonly checks: { readonly hold: number; readonly of: number; readonly says: readonly Check[] }
      readonly sure: 'decisive' | 'likely' | 'unsure'
      /** Why a model proposes it; null where none does. */
      readonly supposed: Supposed | null
      /** All hosts of the inventory, for "1 host of N". */
      readonly hosts: number
      readonly record: Record90
      readonly onThisHost: number
      /** Of its host: while it lasts an approval is refused. */
      readonly quarantined: QuarantineView | null
      readonly attempt: { readonly number: number; readonly of: number }
      /** How many different people must approve, and who has. */
      readonly approvals: 1 | 2
      readonly approvedBy: readonly string[]
      /** Who asked for more, where policy would let it run by itself; null where policy asks. */
      readonly wantedBy: string | null
      /** Who has opened it lately, the last one first; the reader, too. */
      readonly looking: readonly Looker[]
      readonly expiresAt: string
    }
  | {
      readonly kind: 'decided'
      readonly incident: IncidentRow
      readonly plan: PlanView
      readonly decision: DecisionView
    }
  | { readonly kind: 'expired'; readonly incident: IncidentRow; readonly plan: PlanView; readonly at: string }
  /** Somebody wants fresh evidence first: what is planned from it will ask anew. */
  | { readonly kind: 'looking-anew'; readonly incident: IncidentRow; readonly person: string; readonly at: string }
  | { readonly kind: 'none'; readonly incident: IncidentRow; readonly says: string }

/** Everything a person needs who takes an incident over. */
export type HandOver = {
  readonly incident: IncidentRow
  readonly at: string
  readonly why: string
  readonly quarantined: QuarantineView | null
  /** Who has opened it lately, the last one first; the reader, too. */
  readonly looking: readonly Looker[]
  readonly alerts: readonly AlertView[]
  readonly known: readonly { readonly says: string; readonly evidence: EvidenceId | null }[]
  readonly tried: readonly { readonly says: string; readonly at: string; readonly run: RunId | null }[]
  readonly ruledOut: readonly { readonly playbook: string; readonly signature: string; readonly because: string }[]
  readonly notSeen: readonly { readonly what: string; readonly why: string }[]
  readonly commands: readonly { readonly says: string; readonly command: string }[]
  readonly evidence: readonly EvidenceView[]
  /** What is not in here: older alerts and runs, and answers to what was asked again later. */
  readonly left: Pick<Left, 'alerts' | 'answers' | 'runs'>
}
