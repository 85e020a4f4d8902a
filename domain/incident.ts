// An incident's states and how it may move between them.

export type IncidentState =
  | 'open'
  | 'investigating'
  | 'awaiting-approval'
  | 'remediating'
  | 'verifying'
  | 'handed-over'
  | 'closed'

/** Why a person has it. It is open until that person ends it, or the source resolves it and probes are clear. */
export type HandOverReason =
  | 'unknown-target'
  | 'unreachable'
  | 'rejected'
  | 'taken-over'
  | 'expired'
  | 'decision-void'
  | 'failed'
  | 'broken'
  | 'unknown'
  | 'novel'
  | 'over-budget'
  | 'code-fix'
  | 'still-firing'
  | 'ambiguous'
  | 'none-applicable'
  | 'forbidden'
  | 'storm'
  | 'stopped'
  | 'attempts-used'

export type ClosedReason = 'recovered' | 'repaired-by-another' | 'recovered-by-itself' | 'closed-by-person' | 'dry-run'

/** What would have come next, had it been more than a dry run. */
export type Would = {
  readonly act: 'alone' | 'ask' | 'close' | 'hand-over'
  /** Of a hand-over. */
  readonly reason: HandOverReason | null
}

export const incidentMoves: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  open: ['investigating', 'handed-over', 'closed'],
  investigating: ['awaiting-approval', 'remediating', 'handed-over', 'closed'],
  'awaiting-approval': ['investigating', 'remediating', 'handed-over', 'closed'],
  remediating: ['verifying', 'investigating', 'handed-over'],
  verifying: ['investigating', 'remediating', 'handed-over', 'closed'],
  // A person lets a paused investigation go on.
  'handed-over': ['closed', 'handed-over', 'investigating'],
  closed: ['open'],
}

/** Remediation attempts per (target, alert identity) within `attemptWindowHours`, across incidents and crashes. */
export const maximumAttempts = 2
export const attemptWindowHours = 6

/** A firing this long after closing re-opens the same incident. */
export const reopenMinutes = 30

/** More new incidents of one group than this within `stormSeconds` are one storm, which only a person drives. */
export const stormIncidents = 5
export const stormSeconds = 60
