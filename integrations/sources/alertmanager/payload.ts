// Alertmanager's payload, version 4. Everything in it is text of strangers, even when the sender is known.
import { z } from 'zod'
import { ownAlertLabel, type Alert } from '../../../domain/alert.ts'
import { lastMoment, linkOf, type ParsedDelivery } from '../../source.ts'

const most = {
  alerts: 10_000,
  labels: 100,
  name: 256,
  label: 2_048,
  groupKey: 8_192,
  /** What the store can count to. */
  counted: 2_147_483_647,
} as const

/** RFC 3339, to the millisecond. Alertmanager writes year 1 for "not yet". */
const Moment = z.iso
  .datetime({ offset: true, error: 'a time as in RFC 3339' })
  .refine((text) => !Number.isNaN(Date.parse(text)), 'a time as in RFC 3339')

const Status = z.enum(['firing', 'resolved'])

const Labels = z
  .record(z.string().max(most.name), z.string().max(most.label))
  .refine((labels) => Object.keys(labels).length <= most.labels, `at most ${most.labels} labels`)

const Annotations = z
  .record(z.string().max(most.name), z.string())
  .refine((annotations) => Object.keys(annotations).length <= most.labels, `at most ${most.labels} annotations`)

const PayloadAlert = z.object({
  status: Status,
  labels: Labels,
  annotations: Annotations,
  startsAt: Moment.refine((text) => Date.parse(text) >= 0, 'a time after 1970'),
  endsAt: Moment,
  generatorURL: z.string().default(''),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/, '16 hex digits'),
})

const Payload = z.object({
  version: z.literal('4'),
  groupKey: z.string().min(1).max(most.groupKey),
  truncatedAlerts: z
    .int()
    .min(0)
    .transform((count) => Math.min(count, most.counted))
    .default(0),
  status: Status,
  receiver: z.string(),
  alerts: z.array(PayloadAlert).min(1).max(most.alerts),
})

/** Every alert of the payload, or the first thing that is not as Alertmanager writes it. */
export function parsePayload(body: unknown): ParsedDelivery {
  const parsed = Payload.safeParse(body)
  if (!parsed.success) return invalid(parsed.error)
  const { groupKey, alerts, truncatedAlerts } = parsed.data
  const others = alerts.filter(({ labels }) => !Object.hasOwn(labels, ownAlertLabel))
  if (others.length === 0) return { kind: 'ignored', says: 'These are alerts that Millwright sent itself.' }
  return { kind: 'alerts', groupKey, alerts: others.map(toAlert), truncated: truncatedAlerts }
}

function toAlert(alert: z.infer<typeof PayloadAlert>): Alert {
  const { status, labels, annotations, fingerprint } = alert
  const ended = status === 'resolved' && Date.parse(alert.endsAt) > 0
  return {
    status,
    labels,
    annotations,
    fingerprint,
    startsAt: momentOf(alert.startsAt),
    endsAt: ended ? momentOf(alert.endsAt) : null,
    link: linkOf(alert.generatorURL),
  }
}

/** One alert with an impossible time must not keep out the others of its group. */
function momentOf(text: string): string {
  return new Date(Math.min(Date.parse(text), lastMoment)).toISOString()
}

function invalid(error: z.ZodError): ParsedDelivery {
  const [issue] = error.issues
  const path = issue?.path ?? []
  const pointer = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  const custom =
    'version "4", as Alertmanager writes it by itself. A payload of your own (`payload:` in webhook_configs) goes to a source that uses `generic`; Grafana (version "1") too.'
  return {
    kind: 'invalid',
    pointer,
    says: path[0] === 'version' ? `expected ${custom}` : (issue?.message ?? 'not understood'),
  }
}
