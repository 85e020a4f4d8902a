// One carrying-out of one plan on one host. A run whose outcome is unknown is never repeated.
import type { FailureCode } from './failure.ts'
import type { IncidentId, RunId } from './ids.ts'

export type RunState = 'planned' | 'leased' | 'started' | 'succeeded' | 'failed' | 'unknown' | 'refused'

/** From where a run may go. Nothing leads back, and nothing leads out of `unknown` but the host's own record. */
export const runMoves: Readonly<Record<RunState, readonly RunState[]>> = {
  planned: ['leased', 'refused'],
  leased: ['started', 'refused', 'unknown'],
  started: ['succeeded', 'failed', 'unknown'],
  unknown: ['succeeded', 'failed'],
  succeeded: [],
  failed: [],
  refused: [],
}

/** One run to carry out on a host; its plan stands in its row. Past `deadline` (ISO 8601) it is dropped. */
export type RunRequest = {
  readonly run: RunId
  readonly deadline: string
  readonly incident: IncidentId
}

/** What the run came to, computed from statistics and the host's record; exit code 0 proves nothing. */
export type RunOutcome =
  | { readonly kind: 'succeeded'; readonly changed: number; readonly tasks: number }
  /** `changed`: tasks that changed something or, where it was stopped, may have. */
  | { readonly kind: 'failed'; readonly says: string; readonly task: string | null; readonly changed: number }
  | { readonly kind: 'unknown'; readonly says: string }
  /**
   * Nothing was started on the host: a precondition, the decision, the switch, the catalogue or the host's record said
   * no.
   */
  | { readonly kind: 'refused'; readonly says: string; readonly code: FailureCode }

/** What the story needs to know of a run's row. */
export type RunRow = {
  readonly run: RunId
  readonly state: RunState
  readonly outcome: RunOutcome | null
  /** ISO 8601; it has begun by then, or it never does. */
  readonly deadline: string
  /** Its plan takes back another one. */
  readonly undo: boolean
}

/** Nothing was started, and why. */
export type Refusal = Extract<RunOutcome, { kind: 'refused' }>

export function refused(code: FailureCode, says: string): Refusal {
  return { kind: 'refused', code, says }
}

/**
 * What the alert's own rule says. `unknown` never counts as recovered; `none`: no such rule, so probes alone decide,
 * and it is written so.
 */
export type RuleState = 'firing' | 'clear' | 'unknown' | 'none'

/**
 * A rule's state, and for how many seconds it may go on after what it measures is over, because it looks back over a
 * window; 0 where it looks at a moment.
 */
export type RuleAnswer = { readonly state: RuleState; readonly windowSeconds: number }
