// Every route that answers programs: what it is for, what it takes, what it answers. A test compares the list with the
// router's own.
import { z } from 'zod'
import { DryRun } from '../dry-run.ts'
import { Invited, Login, Nothing } from '../people-api.ts'
import { AskMore, Because, Close, Decide, Lift, Snooze, Switch } from '../write-api.ts'
import * as fleet from './fleet-schemas.ts'
import * as incident from './incident-schemas.ts'
import * as people from './people-schemas.ts'
import { Moment, Sha256 } from './schema.ts'

/** What a 2xx answer holds, by media type; null: plain text, or nothing that a schema describes. */
export type Content = Readonly<Record<string, z.ZodType | null>>

export type Operation = {
  readonly method: 'get' | 'post'
  /** As in the document: `{number}` stands for a part. */
  readonly path: string
  readonly id: string
  readonly says: string
  /** Who may ask. Default: whoever is logged in, as far as policy and team let them. */
  readonly access?: 'anybody' | 'source' | 'scrape'
  readonly query?: Readonly<Record<string, { readonly says: string; readonly schema: z.ZodType }>>
  readonly body?: z.ZodType
  readonly status?: 200 | 202
  readonly content: Content
}

const text = z.string()
const json = (schema: z.ZodType): Content => ({ 'application/json': schema })
const api = '/api/v1'
const one = `${api}/incidents/{number}`

const reading: readonly Operation[] = [
  {
    method: 'get',
    path: `${api}/openapi.json`,
    id: 'document',
    says: 'This document.',
    content: json(z.looseObject({})),
  },
  {
    method: 'get',
    path: `${api}/status`,
    id: 'status',
    says: 'What runs, what waits for a person, and whether anything may be changed.',
    content: json(fleet.Status),
  },
  {
    method: 'get',
    path: `${api}/incidents`,
    id: 'incidents',
    says: 'Open incidents, those that need a person first, and what was closed today.',
    query: { state: { says: 'Only these; closed ones of every day.', schema: incident.State } },
    content: json(incident.IncidentList),
  },
  {
    method: 'get',
    path: one,
    id: 'incident',
    says: 'One incident with its whole story.',
    content: json(incident.Incident),
  },
  {
    method: 'get',
    path: `${one}/approval`,
    id: 'approval',
    says: 'The plan that waits for a decision, or what became of the question.',
    content: json(people.PendingApproval),
  },
  {
    method: 'get',
    path: `${one}/hand-over`,
    id: 'handOver',
    says: 'Everything that a person needs who takes it over; Markdown unless JSON is accepted.',
    content: { 'application/json': people.HandOver, 'text/markdown': null },
  },
  {
    method: 'get',
    path: `${one}/evidence/{evidence}`,
    id: 'evidence',
    says: 'One answer of a probe as it is kept: redacted, facts and excerpt.',
    content: { 'text/plain': null },
  },
  {
    method: 'get',
    path: `${api}/events`,
    id: 'events',
    says:
      'Server-sent events while connected. `changed` holds a ChangeNotice, `reset` says that everything is to be read ' +
      'anew; Last-Event-ID goes on within ten minutes.',
    query: {
      incident: { says: 'Only of this number or id.', schema: text },
      since: { says: 'The key of the last event that was seen, where no Last-Event-ID can be sent.', schema: text },
    },
    content: { 'text/event-stream': null },
  },
  {
    method: 'get',
    path: `${api}/playbooks`,
    id: 'playbooks',
    says: 'The catalogue.',
    content: json(z.array(fleet.Playbook)),
  },
  { method: 'get', path: `${api}/hosts`, id: 'hosts', says: 'The inventory.', content: json(z.array(fleet.Host)) },
  {
    method: 'get',
    path: `${api}/sources`,
    id: 'sources',
    says: 'Every source of the config and its last deliveries.',
    content: json(z.array(fleet.Source)),
  },
  {
    method: 'get',
    path: `${api}/deliveries`,
    id: 'deliveries',
    says: 'The last deliveries, newest first, refused ones too.',
    query: { source: { says: 'Only of this source.', schema: text } },
    content: json(z.array(fleet.Delivery)),
  },
  { method: 'get', path: `${api}/people`, id: 'people', says: 'Who may log in.', content: json(z.array(fleet.Person)) },
]

const quarantined = json(z.strictObject({ host: text, quarantined: z.boolean() }))
const switched = json(z.strictObject({ stopped: z.boolean(), by: text, says: text }))

const writing: readonly Operation[] = [
  {
    method: 'post',
    path: `${api}/login`,
    id: 'login',
    says: 'Trades a one-time code for a token (`cli`), or for a cookie.',
    access: 'anybody',
    body: Login,
    content: json(z.strictObject({ token: text.optional() })),
  },
  {
    method: 'post',
    path: `${api}/logout`,
    id: 'logout',
    says: 'Ends this login.',
    body: Nothing,
    content: json(Nothing),
  },
  {
    method: 'post',
    path: `${api}/plans/{digest}/decisions`,
    id: 'decide',
    says: 'Decides exactly this plan. The id makes it repeatable: the same id again is answered, never decided twice.',
    body: Decide,
    content: json(fleet.DecisionMade),
  },
  {
    method: 'post',
    path: `${api}/plans/{digest}/ask-more`,
    id: 'askMore',
    says: 'Drops the plan that waits and has its host looked at anew; what is planned then asks anew.',
    body: AskMore,
    content: json(z.strictObject({ incident: z.int(), person: text, dropped: text })),
  },
  {
    method: 'post',
    path: `${one}/snooze`,
    id: 'snooze',
    says: 'Puts the reminder off. What waits still expires when it would have.',
    body: Snooze,
    content: json(z.strictObject({ incident: z.int(), person: text, until: Moment })),
  },
  {
    method: 'post',
    path: `${one}/close`,
    id: 'close',
    says: 'Ends an incident that a person has.',
    body: Close,
    content: json(z.strictObject({ closed: z.int() })),
  },
  {
    method: 'post',
    path: `${one}/budget`,
    id: 'liftBudget',
    says: 'Lets an incident that is over budget use so many dollars more; it goes on where it paused.',
    body: Lift,
    content: json(z.strictObject({ incident: z.int(), person: text, dollars: z.number() })),
  },
  {
    method: 'post',
    path: `${api}/dry-runs`,
    id: 'dryRun',
    says: 'Has an alert looked into without the right to act: an incident of its own, of which nothing is carried out.',
    body: DryRun,
    status: 202,
    content: json(z.strictObject({ incident: z.int(), url: text })),
  },
  {
    method: 'post',
    path: `${api}/hosts/{host}/quarantine`,
    id: 'quarantine',
    says: 'Lets nothing change on a host until a person releases it.',
    body: Because,
    content: quarantined,
  },
  {
    method: 'post',
    path: `${api}/hosts/{host}/release`,
    id: 'release',
    says: 'Lets a host in quarantine be changed again.',
    body: Because,
    content: quarantined,
  },
  {
    method: 'post',
    path: `${api}/stop`,
    id: 'stop',
    says: 'Stops every change on every host.',
    body: Switch,
    content: switched,
  },
  {
    method: 'post',
    path: `${api}/resume`,
    id: 'resume',
    says: 'Lets changes happen again.',
    body: Switch,
    content: switched,
  },
  {
    method: 'post',
    path: `${api}/people`,
    id: 'invite',
    says: 'Lets somebody in, or changes their role and team, and makes a one-time code.',
    body: Invited,
    content: json(fleet.Invitation),
  },
  {
    method: 'post',
    path: `${api}/people/{name}/remove`,
    id: 'removePerson',
    says: 'Removes a person; every login of theirs ends.',
    body: Nothing,
    content: json(z.strictObject({ removed: text })),
  },
]

const machines: readonly Operation[] = [
  {
    method: 'post',
    path: '/hooks/v1/{source}',
    id: 'deliver',
    says: 'Alerts, in the form and with the credential of the source. 503 alone means: send it again.',
    access: 'source',
    body: z.unknown(),
    status: 202,
    content: json(fleet.DeliveryTaken),
  },
  {
    method: 'get',
    path: '/healthz',
    id: 'health',
    says: 'Whether the gateway answers.',
    access: 'anybody',
    content: json(z.strictObject({ ok: z.literal(true) })),
  },
  {
    method: 'get',
    path: '/metrics',
    id: 'metrics',
    says: 'For Prometheus; closed unless `telemetry.scrape` of the config names a token.',
    access: 'scrape',
    content: { 'text/plain': null },
  },
]

export const operations: readonly Operation[] = [...reading, ...writing, ...machines]

/** What stands for a part of a path. */
export const pathParts: Readonly<Record<string, { readonly says: string; readonly schema: z.ZodType }>> = {
  number: { says: '12, INC-12 or the id', schema: text },
  evidence: { says: 'its id', schema: Sha256 },
  digest: { says: 'of the plan, as its question shows it', schema: Sha256 },
  host: { says: 'id or name', schema: text },
  name: { says: 'of a person', schema: text },
  source: { says: 'its name in the config', schema: text },
}
