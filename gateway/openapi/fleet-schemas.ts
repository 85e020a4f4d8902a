// What the API sends around incidents: `domain/telling/fleet-view.ts` as schemas. One export a schema.
import { z } from 'zod'
import { failureCodes } from '../../domain/failure.ts'
import type * as View from '../../domain/telling/fleet-view.ts'
import type { Recorded } from '../../store/inbox.ts'
import type { ChangeEvent } from '../../store/view/changes.ts'
import type { Decided } from '../decisions.ts'
import type { Problem as ProblemOf } from '../problem.ts'
import { Badge, Quarantine, Record90, Verdict } from './incident-schemas.ts'
import { type Agrees, type All, Count, keysOf, Moment, Sha256 } from './schema.ts'

const Team = z.string()
const Role = z.enum(['viewer', 'approver', 'admin'])

export const Playbook = z.strictObject({
  id: z.string(),
  version: z.string(),
  digest: Sha256,
  title: z.string(),
  wants: z.string(),
  owner: z.string(),
  whenToUse: z.string(),
  whenNotToUse: z.string(),
  tier: z.int(),
  modes: z.array(z.strictObject({ environment: z.string(), mode: z.enum(['draft', 'shadow', 'suggest', 'auto']) })),
  signatures: z.array(z.strictObject({ id: z.string(), says: z.string(), conditions: z.array(z.string()) })),
  effects: z.array(z.strictObject({ says: z.string(), reversible: z.boolean() })),
  verify: z.array(z.string()),
  soakSeconds: z.number(),
  undo: z.string(),
  limits: z.strictObject({ perHostHour: z.number(), cooldownSeconds: z.number() }),
  record: Record90,
  lastRuns: z.array(z.strictObject({ run: z.string(), incident: z.int(), host: z.string(), at: Moment, badge: Badge })),
})

export const Delivery = z.strictObject({
  id: z.string(),
  source: z.string(),
  receivedAt: Moment,
  result: z.enum(['opened', 'merged', 'reopened', 'ignored', 'test', 'rejected']),
  says: z.string(),
  truncatedAlerts: Count.describe('How many alerts the sender left out.'),
  incidents: z.array(z.int()),
  alerts: z
    .array(z.strictObject({ name: z.string(), labels: z.record(z.string(), z.string()) }))
    .describe('Its first five alerts that were new.'),
})

export const Source = z.strictObject({
  name: z.string(),
  use: z.string(),
  team: Team,
  environment: z.string(),
  url: z.string().describe('Where it posts to.'),
  metrics: z.string().nullable(),
  today: Count,
  deliveries: z.array(Delivery),
})

export const Host = z.strictObject({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  port: z.int(),
  role: z.string(),
  team: Team,
  environment: z.string(),
  zone: z.string(),
  keys: Count.describe('Pinned host keys; with none no connection is made.'),
  units: z.array(z.string()),
  mounts: z.array(z.string()),
  endpoints: z.array(z.string()),
  openIncidents: z.array(z.strictObject({ number: z.int(), title: z.string(), needsYou: z.boolean() })),
  lastSeenAt: Moment.nullable(),
  lastChangeAt: Moment.nullable(),
  busyWith: z.string().nullable(),
  quarantined: Quarantine.nullable(),
})

export const Person = z.strictObject({
  name: z.string(),
  role: Role,
  team: Team,
  createdAt: Moment,
  letInBy: z.string().nullable(),
  sessions: Count.describe('Logins that are open now.'),
  lastSeenAt: Moment.nullable(),
})

export const Invitation = z.strictObject({
  name: z.string(),
  role: Role,
  team: Team,
  code: z.string().describe('Logs in once, within ten minutes. It is shown nowhere else.'),
  did: z.enum(['invited', 'changed', 'known']),
})

export const Status = z.strictObject({
  at: Moment,
  acting: z.boolean(),
  stopped: z.strictObject({ by: z.string(), team: Team, says: z.string(), at: Moment }).nullable(),
  environments: z.array(z.string()),
  timeFactor: z.number(),
  sources: Count,
  hosts: Count,
  playbooks: z.strictObject({ known: Count, usable: Count }),
  incidents: z.strictObject({ needsYou: Count, inProgress: Count }),
  dispatch: z.strictObject({ waiting: Count, oldest: Moment.nullable(), error: z.string().nullable() }),
  outbox: z.strictObject({ waiting: Count, givenUp: Count, error: z.string().nullable() }),
})

export const ChangeNotice = z
  .strictObject({
    key: z.string(),
    at: Moment,
    what: z.enum(['timeline', 'run', 'switch']),
    incident: z.int().nullable(),
    id: z.string().nullable(),
    sequence: z.int(),
    kind: z.string(),
  })
  .describe('The data of an event `changed`; what it names is read anew.')

export const DecisionMade = z.strictObject({
  decision: z.string(),
  verdict: Verdict,
  incident: z.int(),
  person: z.string(),
  at: Moment,
})

export const DeliveryTaken = z.strictObject({
  delivery_id: z.string(),
  result: z.enum(['opened', 'merged', 'reopened', 'ignored', 'test']),
  says: z.string(),
  incident_id: z.string().optional().describe('Of the first; for senders that know only one.'),
  incident_url: z.string().optional(),
  incidents: z.array(
    z.strictObject({
      incident_id: z.string(),
      incident_url: z.string(),
      number: z.int(),
      result: z.enum(['opened', 'merged', 'reopened']),
    }),
  ),
})

export const Problem = z.strictObject({
  code: z.literal(keysOf(failureCodes)).describe('docs/errors.md explains each.'),
  message: z.string(),
  hint: z.string().nullable().describe('The next step.'),
  pointer: z.string().optional().describe('Of a delivery: where in its body, as a JSON pointer.'),
})

export type FleetSchemasAgree = All<
  [
    Agrees<typeof Playbook, View.PlaybookView>,
    Agrees<typeof Source, View.SourceView>,
    Agrees<typeof Host, View.HostView>,
    Agrees<typeof Person, View.PersonView>,
    Agrees<typeof Status, View.SystemStatus>,
    Agrees<typeof ChangeNotice, Omit<ChangeEvent, 'team'>>,
    Agrees<typeof DecisionMade, Decided>,
    Agrees<typeof DeliveryTaken.shape.result, Recorded['result'] | 'test'>,
    Agrees<typeof Problem, ProblemOf>,
  ]
>
