// What somebody reads who decides, or takes an incident over: `domain/telling/view.ts` as schemas. One export a schema.
import { z } from 'zod'
import { confidences } from '../../domain/diagnosis.ts'
import type * as View from '../../domain/telling/view.ts'
import {
  AlertView,
  Check,
  DecisionView,
  EvidenceView,
  IncidentRow,
  PlanView,
  Quarantine,
  Record90,
} from './incident-schemas.ts'
import { type Agrees, type All, Count, Moment, Sha256 } from './schema.ts'

const Citation = z.strictObject({ label: z.string(), evidence: Sha256, quote: z.string().nullable() })
const Supposed = z
  .strictObject({
    model: z.string(),
    hypothesis: z.string(),
    confidence: z.enum(confidences),
    for: z.array(Citation),
    against: z.array(Citation),
  })
  .describe('What a model takes for the cause: nothing of it is measured.')

const Looker = z.strictObject({ person: z.string(), at: Moment })

export const PendingApproval = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pending'),
    incident: IncidentRow,
    plan: PlanView,
    sourceStatus: z.enum(['firing', 'resolved']),
    checks: z.strictObject({ hold: Count, of: Count, says: z.array(Check) }),
    sure: z.enum(['decisive', 'likely', 'unsure']),
    supposed: Supposed.nullable().describe('Why a model proposes it.'),
    hosts: Count,
    record: Record90,
    onThisHost: Count,
    quarantined: Quarantine.nullable(),
    attempt: z.strictObject({ number: Count, of: Count }),
    approvals: z.literal([1, 2]).describe('How many different people must approve.'),
    approvedBy: z.array(z.string()),
    wantedBy: z.string().nullable().describe('Who asked for more, where policy would let it run by itself.'),
    looking: z.array(Looker).describe('Who has opened it lately, the last one first; the reader, too.'),
    expiresAt: Moment,
  }),
  z.strictObject({ kind: z.literal('decided'), incident: IncidentRow, plan: PlanView, decision: DecisionView }),
  z.strictObject({ kind: z.literal('expired'), incident: IncidentRow, plan: PlanView, at: Moment }),
  z.strictObject({ kind: z.literal('looking-anew'), incident: IncidentRow, person: z.string(), at: Moment }),
  z.strictObject({ kind: z.literal('none'), incident: IncidentRow, says: z.string() }),
])

export const HandOver = z.strictObject({
  incident: IncidentRow,
  at: Moment,
  why: z.string(),
  quarantined: Quarantine.nullable(),
  looking: z.array(Looker).describe('Who has opened it lately.'),
  alerts: z.array(AlertView),
  known: z.array(z.strictObject({ says: z.string(), evidence: Sha256.nullable() })),
  tried: z.array(z.strictObject({ says: z.string(), at: Moment, run: z.string().nullable() })),
  ruledOut: z.array(z.strictObject({ playbook: z.string(), signature: z.string(), because: z.string() })),
  notSeen: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  commands: z.array(z.strictObject({ says: z.string(), command: z.string() })),
  evidence: z.array(EvidenceView),
  left: z
    .strictObject({ alerts: Count, answers: Count, runs: Count })
    .describe('What is not in here: older alerts and runs, and answers to what was asked again later.'),
})

export type PeopleSchemasAgree = All<
  [Agrees<typeof PendingApproval, View.PendingApproval>, Agrees<typeof HandOver, View.HandOver>]
>
