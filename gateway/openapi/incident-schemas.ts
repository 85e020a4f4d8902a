// Incidents as the API sends them: `domain/telling/view.ts` as schemas. One export a schema.
import { z } from 'zod'
import { failureCodes } from '../../domain/failure.ts'
import { incidentMoves } from '../../domain/incident.ts'
import type * as View from '../../domain/telling/view.ts'
import { handOverReasons } from '../../domain/telling/words.ts'
import { type Agrees, type All, Count, keysOf, Moment, Scalar, Sha256 } from './schema.ts'

const Params = z.record(z.string(), Scalar)

export const State = z.literal(keysOf(incidentMoves))
export const Verdict = z.enum(['approve', 'reject', 'take-over'])
const HandOverReason = z.literal(keysOf(handOverReasons))
const ClosedReason = z.enum(['recovered', 'repaired-by-another', 'recovered-by-itself', 'closed-by-person', 'dry-run'])
const Would = z.strictObject({ act: z.enum(['alone', 'ask', 'close', 'hand-over']), reason: HandOverReason.nullable() })
const Tone = z.enum(['acting', 'need', 'bad', 'good', 'plain'])

export const Badge = z.strictObject({
  word: z.string(),
  tone: Tone,
  shape: z.enum(['check', 'clock', 'tool', 'eye', 'arrow', 'cross', 'dot', 'question', 'hand']),
})

export const Sentence = z
  .array(
    z.union([
      z.string(),
      z.strictObject({ strong: z.string() }),
      z.strictObject({ code: z.string() }),
      z.strictObject({ label: z.string(), evidence: Sha256 }),
      z.strictObject({ at: Moment }),
      z.strictObject({ until: Moment, says: z.string() }),
    ]),
  )
  .describe(
    'Parts of one sentence: text, something stressed, a name or value, a piece of evidence, a moment, a wait that ends at a moment.',
  )

const row = {
  id: z.string().describe('inc_ and a uuid'),
  number: z.int().describe('People see INC-<number>.'),
  title: z.string(),
  reported: z.string().describe('What the alerts were called when they came in.'),
  host: z.string().nullable(),
  environment: z.string(),
  severity: z.string().nullable(),
  state: State,
  reason: HandOverReason.nullable().describe('Why a person has it.'),
  closedReason: ClosedReason.nullable(),
  dryRun: z.boolean().describe('It is looked into without the right to act.'),
  badge: Badge,
  says: Sentence,
  openedAt: Moment,
  updatedAt: Moment,
  closedAt: Moment.nullable(),
  lasted: z.number().describe('Milliseconds from the first alert to its end, or to now.'),
  expiresAt: Moment.nullable().describe('When the approval that waits ends.'),
}
export const IncidentRow = z.strictObject(row)

export const Counters = z.strictObject({
  alertsToday: Count,
  incidentsToday: Count,
  repairedToday: Count,
  handedOverToday: Count,
  wrongChanges: Count.describe('Runs of 90 days whose verification failed, or that failed after a change.'),
  runs: Count.describe('Runs of 90 days that started on a host.'),
})

export const IncidentList = z.strictObject({
  at: Moment,
  headline: z.string(),
  says: z.string(),
  counters: Counters,
  needsYou: z.array(IncidentRow),
  inProgress: z.array(IncidentRow),
  closed: z.array(IncidentRow),
  left: z
    .strictObject({ needsYou: Count, inProgress: Count, closed: Count })
    .describe('How many of each group are not listed, because a list has a limit.'),
})

export const Step = z.strictObject({
  word: z.string(),
  state: z.enum(['done', 'now', 'todo', 'failed', 'need']),
  at: Moment.nullable(),
  after: z.number().nullable().describe('Milliseconds after the first step.'),
  says: Sentence.nullable(),
})

export const Check = z.strictObject({
  says: z.string(),
  answer: z.enum(['holds', 'fails', 'unknown']),
  observed: z.string(),
  evidence: Sha256.nullable(),
})

const Touch = z.strictObject({ kind: z.enum(['file', 'folder', 'unit']), name: z.string() })

export const Change = z.strictObject({
  says: z.string(),
  items: z.array(Scalar),
  touches: z.array(Touch).describe('What its modules may change, and nothing else.'),
  reversible: z.boolean(),
})

export const StoryEntry = z.strictObject({
  sequence: Count,
  at: Moment,
  after: z.number().describe('Milliseconds after the first entry.'),
  kind: z.string(),
  tone: Tone,
  says: Sentence,
  more: z.array(Sentence),
  evidence: z.array(Sha256),
  round: Count.nullable().describe('Of evidence, where it looked.'),
  checks: z.array(Check),
  not: z.array(z.strictObject({ playbook: z.string(), signature: z.string(), because: z.array(Check) })),
  preview: z.array(Change),
  run: z.string().nullable(),
})

export const EvidenceView = z.strictObject({
  id: Sha256,
  label: z.string().describe('What a model calls it: e, its round, its place in it.'),
  round: Count,
  host: z.string().describe("The inventory's id."),
  request: z.strictObject({ probe: z.string(), params: Params }),
  takenAt: Moment,
  hostClock: Moment.nullable(),
  seen: z.union([
    z.strictObject({
      status: z.literal('ok'),
      facts: z.record(z.string(), z.union([Scalar, z.null(), z.array(Scalar)])),
      excerpt: z.string(),
      truncated: z.boolean(),
    }),
    z.strictObject({ status: z.literal('failed'), reason: z.string(), says: z.string() }),
  ]),
})

export const PlanView = z.strictObject({
  id: z.string(),
  digest: Sha256.describe('What a decision names.'),
  kind: z.enum(['remediate', 'undo']),
  attempt: Count,
  playbook: z.string(),
  version: z.string(),
  tier: z.int(),
  wants: z.string(),
  because: z.string(),
  signature: z.string().nullable().describe('The known fault that it is for; null: it is for none.'),
  host: z.string(),
  params: Params,
  preview: z.array(Change),
  undo: z.enum(['play', 'none']),
  createdAt: Moment,
  expiresAt: Moment,
  policy: z.strictObject({ verdict: z.string(), rule: z.string(), says: z.string() }).nullable(),
})

export const DecisionView = z.strictObject({
  id: z.string(),
  planDigest: Sha256,
  verdict: Verdict,
  person: z.string(),
  role: z.string(),
  reason: z.string(),
  at: Moment,
  state: z.enum(['delivered', 'void', 'sent']),
})

export const RunView = z.strictObject({
  id: z.string(),
  plan: z.string(),
  playbook: z.string(),
  host: z.string(),
  state: z.enum(['planned', 'leased', 'started', 'succeeded', 'failed', 'unknown', 'refused']),
  outcome: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('succeeded'), changed: Count, tasks: Count }),
      z.strictObject({ kind: z.literal('failed'), says: z.string(), task: z.string().nullable(), changed: Count }),
      z.strictObject({ kind: z.literal('unknown'), says: z.string() }),
      z.strictObject({ kind: z.literal('refused'), says: z.string(), code: z.literal(keysOf(failureCodes)) }),
    ])
    .nullable(),
  startedAt: Moment.nullable(),
  endedAt: Moment.nullable(),
  events: z.array(z.strictObject({ sequence: Count, at: Moment, says: z.string(), tone: Tone })),
  left: Count.describe('How many earlier events are not listed.'),
})

const CallView = z
  .strictObject({
    investigation: Count,
    turn: Count,
    tier: z.enum(['planner', 'reader']),
    model: z.string(),
    state: z.enum(['reserved', 'answered', 'failed']),
    at: Moment,
    to: z.string().describe('The origin that it was sent to; empty: nobody outside.'),
    bytes: Count,
    digest: Sha256,
    tokens: Count,
    dollars: z.number(),
    pricedBy: z.string().describe('Day of the price list, or `config`.'),
  })
  .describe('What left for a model, and what it came to; while it is under way, the worst.')

const Text = z.record(z.string(), z.string())
export const AlertView = z.strictObject({
  name: z.string(),
  status: z.enum(['firing', 'resolved']),
  fingerprint: z.string(),
  labels: Text,
  annotations: Text,
  startsAt: Moment,
  endsAt: Moment.nullable(),
  link: z.string().nullable().describe('http or https; anything else is null.'),
})

export const Record90 = z.strictObject({ runs: Count, verified: Count, wrong: Count, open: Count })
export const Quarantine = z.strictObject({ at: Moment, because: z.string(), by: z.string() })

const Left = z
  .strictObject({ alerts: Count, answers: Count, plans: Count, decisions: Count, runs: Count, calls: Count })
  .describe('How many of each are not listed, because a list has a limit: the oldest ones.')

export const Incident = z.strictObject({
  ...row,
  source: z.string(),
  team: z.string(),
  would: Would.nullable().describe('Of a dry run that is over: what would have come next.'),
  sourceStatus: z.enum(['firing', 'resolved']),
  storm: z.boolean(),
  quarantined: Quarantine.nullable(),
  cursor: z.strictObject({ sequence: z.int(), runEvents: z.int() }),
  steps: z.array(Step),
  story: z.array(StoryEntry),
  alerts: z.array(AlertView),
  evidence: z.array(EvidenceView),
  plans: z.array(PlanView),
  decisions: z.array(DecisionView),
  calls: z.array(CallView),
  runs: z.array(RunView),
  left: Left,
  attempt: z.strictObject({ used: Count, of: Count }),
  record: Record90.nullable(),
})

export type IncidentSchemasAgree = All<
  [Agrees<typeof IncidentList, View.IncidentList>, Agrees<typeof Incident, View.IncidentView>]
>
