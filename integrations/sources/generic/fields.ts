// Field mapping with JSON pointers (RFC 6901). What a pointer finds is text of strangers; what it does not find is said
// by its name.
import { z } from 'zod'
import { ownAlertLabel, type Alert, type Labels } from '../../../domain/alert.ts'
import { digestOf } from '../../../runtime/digest.ts'
import { lastMoment, linkOf, type ParsedDelivery } from '../../source.ts'

const most = { alerts: 10_000, labels: 100 } as const

const Pointer = z.string().regex(/^(\/([^~/]|~[01])*)*$/, 'a JSON pointer: /host/name')
const LabelName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/, 'a label’s name')

export const Fields = z.strictObject({
  /**
   * Where the list of alerts is; without it the body itself is one alert. All pointers but `groupKey` and `test` begin
   * at an alert.
   */
  alerts: Pointer.optional(),
  /** Where the body says which alerts belong together; without it their names do. */
  groupKey: Pointer.optional(),
  name: Pointer,
  /** When this alert began. It must stay the same in every repeat: with the labels it tells a repeat from a new one. */
  startsAt: Pointer,
  endsAt: Pointer.optional(),
  link: Pointer.optional(),
  /** Which words mean what; any other is ignored. Without it every alert fires, and none ever ends. */
  status: z
    .strictObject({ at: Pointer, firing: z.array(z.string()).min(1), resolved: z.array(z.string()).min(1) })
    .optional(),
  labels: z.record(LabelName, Pointer).default({}),
  annotations: z.record(LabelName, Pointer).default({}),
  /** Where a whole object of labels is. */
  allLabels: Pointer.optional(),
  /** A value that marks the sender's test button. */
  test: z.strictObject({ at: Pointer, is: z.string() }).optional(),
})
export type Fields = z.infer<typeof Fields>

type Found = { readonly kind: 'alert'; readonly alert: Alert } | Exclude<ParsedDelivery, { kind: 'alerts' }>

export function parseFields(body: unknown, fields: Fields): ParsedDelivery {
  if (fields.test !== undefined && textAt(body, fields.test.at) === fields.test.is) {
    return { kind: 'test', says: 'The test arrived. It opens nothing.' }
  }
  const list = fields.alerts === undefined ? [body] : valueAt(body, fields.alerts)
  if (!Array.isArray(list) || list.length === 0 || list.length > most.alerts) {
    return invalid(fields.alerts ?? '', `expected a list of 1 to ${most.alerts} alerts`)
  }
  const found = list.map((item, at) =>
    parseAlert(item, fields, fields.alerts === undefined ? '' : `${fields.alerts}/${at}`),
  )
  const problem = found.find((one) => one.kind === 'invalid')
  if (problem?.kind === 'invalid') return problem
  const alerts = found.flatMap((one) => (one.kind === 'alert' ? [one.alert] : []))
  const others = alerts.filter(({ labels }) => !Object.hasOwn(labels, ownAlertLabel))
  if (alerts.length > 0 && others.length === 0)
    return { kind: 'ignored', says: 'These are alerts that Millwright sent itself.' }
  if (others.length === 0)
    return found.find((one) => one.kind === 'ignored') ?? { kind: 'ignored', says: 'There is no alert in it.' }
  const names = [...new Set(others.map(({ labels }) => labels['alertname'] ?? ''))].sort().join(' ')
  const groupKey = (fields.groupKey === undefined ? undefined : textAt(body, fields.groupKey)) ?? names
  return { kind: 'alerts', groupKey, alerts: others, truncated: 0 }
}

function parseAlert(item: unknown, fields: Fields, path: string): Found {
  const status = statusOf(item, fields)
  if (status === null)
    return { kind: 'ignored', says: 'Its status is neither among the firing nor among the resolved words.' }
  const name = textAt(item, fields.name)
  if (name === undefined) return invalid(`${path}${fields.name}`, 'expected the alert’s name')
  const startsAt = timeAt(item, fields.startsAt)
  if (startsAt === undefined)
    return invalid(`${path}${fields.startsAt}`, 'expected a time: RFC 3339, or seconds or milliseconds since 1970')
  const all = fields.allLabels === undefined ? {} : allTexts(valueAt(item, fields.allLabels))
  const labels = { ...all, ...mapped(item, fields.labels), alertname: name }
  if (Object.keys(labels).length > most.labels)
    return invalid(`${path}${fields.allLabels ?? ''}`, `expected at most ${most.labels} labels`)
  const endsAt = status === 'resolved' && fields.endsAt !== undefined ? (timeAt(item, fields.endsAt) ?? null) : null
  const annotations = mapped(item, fields.annotations)
  const link = fields.link === undefined ? null : linkOf(textAt(item, fields.link))
  return {
    kind: 'alert',
    alert: { status, labels, annotations, startsAt, endsAt, fingerprint: digestOf(labels).slice(0, 16), link },
  }
}

function statusOf(item: unknown, { status }: Fields): Alert['status'] | null {
  if (status === undefined) return 'firing'
  const text = textAt(item, status.at)
  if (text === undefined) return null
  return status.firing.includes(text) ? 'firing' : status.resolved.includes(text) ? 'resolved' : null
}

function mapped(item: unknown, pointers: Labels): Labels {
  return Object.fromEntries(
    Object.entries(pointers).flatMap(([name, pointer]) => {
      const text = textAt(item, pointer)
      return text === undefined ? [] : [[name, text]]
    }),
  )
}

function allTexts(value: unknown): Labels {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value)
  return Object.fromEntries(
    entries.flatMap(([name, item]) =>
      typeof item === 'string' && LabelName.safeParse(name).success ? [[name, item]] : [],
    ),
  )
}

/** What stands at a pointer; only what the body has itself, nothing that every object has. */
function valueAt(value: unknown, pointer: string): unknown {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return parts.reduce<unknown>((at, part) => {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    return Object.getOwnPropertyDescriptor(at, part)?.value
  }, value)
}

function textAt(value: unknown, pointer: string): string | undefined {
  const found = valueAt(value, pointer)
  if (typeof found === 'string') return found
  return typeof found === 'number' || typeof found === 'boolean' ? String(found) : undefined
}

function timeAt(value: unknown, pointer: string): string | undefined {
  const found = valueAt(value, pointer)
  const milliseconds =
    typeof found === 'number'
      ? found < 1e11
        ? found * 1_000
        : found
      : typeof found === 'string'
        ? Date.parse(found)
        : Number.NaN
  return milliseconds > 0 && milliseconds <= lastMoment ? new Date(milliseconds).toISOString() : undefined
}

function invalid(pointer: string, says: string): Exclude<ParsedDelivery, { kind: 'alerts' }> {
  return { kind: 'invalid', pointer, says }
}
