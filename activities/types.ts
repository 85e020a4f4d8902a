// The activities' contracts. Workflows import these types only; retries and time-outs stand in
// `workflows/activities.ts`. Inputs and results are small (≤ 16 KiB): references, never evidence or transcripts. Each
// may run twice with one effect, and answers something: a missing answer counts as forged.
import type { PolicyAnswer } from '../domain/decision.ts'
import type { Judged } from '../domain/diagnosis.ts'
import type { Health, NotWell } from '../domain/health.ts'
import type { DecisionId, Digest, HostId, IncidentId, PlanId, RunId } from '../domain/ids.ts'
import type { Refusal, RunOutcome, RunRequest, RunRow, RuleState } from '../domain/run.ts'
import type { Check, NotThis, Standing, TimelineEntry, Transition } from '../domain/timeline.ts'
import type { Params } from '../domain/predicate.ts'

export type Scope =
  | {
      readonly kind: 'target'
      readonly host: HostId
      readonly hostName: string
      readonly zone: string
      readonly subjects: readonly string[]
      /**
       * Attempts already used on this target for this alert within the window, by other incidents or before a crash.
       */
      readonly attemptsUsed: number
      /** Playbooks already tried in the window: never the same again. */
      readonly tried: readonly string[]
    }
  | { readonly kind: 'unresolved'; readonly says: string }
  | { readonly kind: 'storm'; readonly says: string }

export type Collected = {
  readonly evidence: readonly string[]
  readonly failed: number
  readonly milliseconds: number
  /** Set when nothing could be read at all. */
  readonly unreachable: { readonly reason: 'unreachable' | 'wrong-key'; readonly says: string } | null
}

export type Recognised =
  | {
      readonly kind: 'one'
      readonly playbook: string
      readonly signature: string
      readonly says: string
      readonly params: Params
      readonly checks: readonly Check[]
      readonly not: readonly NotThis[]
    }
  | {
      readonly kind: 'none'
      readonly not: readonly NotThis[]
      /**
       * "probe: why": what could not be seen, where all that was measured fits a known fault; and how much was not
       * looked at.
       */
      readonly unseen?: readonly string[]
      /** Nothing speaks against a known fault but a state that passes by itself. */
      readonly passing?: boolean
    }
  | { readonly kind: 'several'; readonly matches: readonly { readonly playbook: string; readonly says: string }[] }

export type Begun =
  | { readonly kind: 'no-model'; readonly says: string }
  | {
      readonly kind: 'begun'
      /** Counted per incident from 1. */
      readonly investigation: number
      readonly turns: number
      readonly model: string
      readonly harness: Digest
      /** Of the first request, whole. */
      readonly bytes: number
      /** Whether raw text waits for the reader. */
      readonly unread: boolean
    }

export type Exchanged =
  | { readonly kind: 'answered' }
  /** Nothing was sent: its worst case would not fit. */
  | { readonly kind: 'over-budget'; readonly says: string }
  /** It can't be asked, and trying again will not help. */
  | { readonly kind: 'failed'; readonly says: string }

export type LookedFurther = {
  /** Whether raw text waits for the reader. */
  readonly unread: boolean
}

/** One exchange of an investigation. */
export type OfTurn = { readonly incident: IncidentId; readonly investigation: number; readonly turn: number }

/** What the process that holds the models' keys does. It reaches its models and its own rows, and nothing else. */
export type MindActivities = {
  /** One call. A call whose answer stands already is answered from the store. */
  askModel(input: OfTurn): Promise<Exchanged>
  /** Lets the reader turn the raw text of this turn into typed facts. Without a reader it is left out. */
  readText(input: OfTurn): Promise<Exchanged>
}

export type Planned =
  | {
      readonly kind: 'planned'
      readonly plan: PlanId
      readonly digest: Digest
      readonly entry: Extract<TimelineEntry, { kind: 'planned' }>
      readonly hasUndo: boolean
      /** How many different people must approve it when policy asks. */
      readonly approvals: 1 | 2
      readonly soakSeconds: number
      /** ISO 8601; the plan's own: a decision counts until then. */
      readonly expiresAt: string
      readonly hardTimeoutSeconds: number
    }
  | { readonly kind: 'not-applicable'; readonly says: string }

/** What was measured at one moment, or last of a time of watching, and what it means. */
export type Measured = {
  readonly health: Health
  readonly checks: readonly Check[]
  readonly rule: RuleState
  /** Firings of the incident's alerts that were known when it was measured. */
  readonly firings: number
}

/** What was measured without any plan. */
export type MeasuredAlone = Measured & {
  /** Where it is well: the number of another incident that repaired the same thing since this one came up. */
  readonly repairedBy?: number
}

/** How a soak ended, with what was measured last. `heldSeconds`: how long the checks were seen to hold. */
export type Soaked =
  | (Measured & { readonly kind: 'held'; readonly heldSeconds: number })
  /** What the plan is about held; an alert about something else goes on. */
  | (Measured & { readonly kind: 'others'; readonly heldSeconds: number })
  /** Another alert fired, and not all that is alerted about is well: of the repair nothing is said. */
  | (Measured & { readonly kind: 'interrupted' })
  | (Measured & { readonly kind: 'not-held'; readonly health: NotWell })

/** Activities of the control worker: SQL, catalogue and policy only, local but for `requestRun`. */
export type ControlActivities = {
  readStory(input: { incident: IncidentId }): Promise<Standing>
  /**
   * Writes one transition. A sequence already written with the same entry is a no-op. Another entry replaces it: the
   * workflow is the authority, and what stood there came from a workflow task that was lost with its worker. Not
   * written: another alert fired since what the close rests on was measured.
   */
  record(transition: Transition): Promise<{ readonly written: boolean }>
  /** Step 5: what the alerts recorded in SQL are about. Text never widens it. */
  scopeIncident(input: { incident: IncidentId }): Promise<Scope>
  /** Whether another incident is changing this host now, or still proves a change, and its number for people. */
  readHost(input: {
    incident: IncidentId
    host: HostId
  }): Promise<{ changedBy: IncidentId | null; number: number | null }>
  /** Step 7: matches every signature against one round's evidence. */
  matchSignatures(input: { incident: IncidentId; round: number; tried: readonly string[] }): Promise<Recognised>
  /**
   * Step 8: composes the evidence pack and writes down what the first turn says. Asked twice under one sequence, it is
   * the same investigation.
   */
  beginInvestigation(input: { incident: IncidentId; round: number; sequence: number }): Promise<Begun>
  /**
   * Judges what the model answered in this turn, and writes the transition `turn` under that sequence. Nothing of the
   * answer is believed: names, parameters, targets and citations are compared with what stands. In the last turn it is
   * never `look` or `again`.
   */
  judgeTurn(input: OfTurn & { round: number; sequence: number; left: number }): Promise<Judged>
  /** Step 9: freezes, hashes and stores a plan; preconditions are evaluated on the same round of evidence. */
  buildPlan(input: {
    incident: IncidentId
    round: number
    attempt: number
    playbook: string
    signature: string | null
    params: Params
  }): Promise<Planned>
  /** The undo of a plan that was carried out, as a plan of its own. */
  buildUndo(input: { plan: PlanId }): Promise<Planned>
  /** Step 10: policy over agent, playbook, target, environment, hour, history and caps. */
  decidePlan(input: { plan: PlanId }): Promise<PolicyAnswer>
  /** Makes the run's row (state `planned`), once per plan. */
  openRun(input: { plan: PlanId; decision: DecisionId | null }): Promise<RunRow | Refusal>
  readRun(input: { run: RunId }): Promise<RunRow>
  /**
   * Ends a run that nobody carries out any more: `planned` becomes refused (nothing was started), `leased` and
   * `started` unknown.
   */
  settleRun(input: { run: RunId; says: string }): Promise<RunRow>
  /**
   * What a lost workflow left: runs that nobody has begun are refused, those that were under way are answered. Nothing
   * begins because of it.
   */
  settleLostRuns(input: { incident: IncidentId }): Promise<{ underWay: readonly RunId[] }>
  /** Signals-with-start the host's workflow. Not local: by then the story before it stands in Temporal's history. */
  requestRun(input: { host: HostId; zone: string; request: RunRequest }): Promise<{ asked: true }>
  /** Whether the kill switch is set; unreadable counts as set. */
  readSwitch(): Promise<{ stopped: boolean; says: string }>
  /** Whether the source says resolved now. */
  readSource(input: { incident: IncidentId }): Promise<{ status: 'firing' | 'resolved' }>
}

/** Activities of a zone's hands worker: they reach hosts. */
export type HandsActivities = {
  /** Step 6: the probes that matching asks for, in one exchange; stores evidence, answers references. */
  collectEvidence(input: { incident: IncidentId; host: HostId; round: number }): Promise<Collected>
  /**
   * Step 8: what one turn asks, in one exchange for each host. Writes the evidence as that round, what it says as the
   * next turn's message, and the timeline's entry `looked` under `sequence`. `left`: exchanges after this one.
   */
  lookFurther(input: OfTurn & { host: HostId; round: number; sequence: number; left: number }): Promise<LookedFurther>
  /**
   * Step 12: takes lease and fence, checks catalogue, plan digest, decision, policy, switch and preconditions again,
   * opens the write door, carries out, closes the door, writes the run row. Never retried: an interrupted one ends
   * `unknown`.
   */
  runPlaybook(input: { run: RunId }): Promise<RunOutcome>
  /**
   * Reads the host's record of a run whose outcome is unknown, after its hard time-out has passed there. Starts
   * nothing.
   */
  reconcileRun(input: { run: RunId }): Promise<RunOutcome>
  /** Step 13: watches until all checks and the alert's rule hold for the first time, or the settle time is over. */
  awaitRecovery(input: { incident: IncidentId; plan: PlanId; round: number }): Promise<Measured>
  /** Step 13: watches that they keep holding for the soak, and that nothing else got worse. */
  holdRecovery(input: { incident: IncidentId; plan: PlanId; round: number }): Promise<Soaked>
  /** Are the subjects well and the rule clear now, without any plan? For alerts that ended by themselves. */
  checkHealth(input: { incident: IncidentId; host: HostId; round: number }): Promise<MeasuredAlone>
}
