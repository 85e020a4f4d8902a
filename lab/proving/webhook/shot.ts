// One try: what is sent, and what must come of it. Whoever makes it knows the answer beforehand; nobody asks the
// gateway.
import { createHmac } from 'node:crypto'
import type { Random } from '../random.ts'
import { credentials, ownHosts } from './site.ts'
import type { Transmission } from './wire.ts'

export type Shot = {
  readonly says: string
  /** Sent one after another, or at once. */
  readonly sends: readonly Transmission[]
  readonly atOnce?: boolean
  /** For each answer, the statuses that are right; null is a connection without an answer. */
  readonly right: readonly (number | null)[]
  /** How many incidents there are in the end of the shot's own groups. */
  readonly incidents: number | 'at most one'
  /** Host of those incidents: one that exists, or none. */
  readonly host?: string | null
}

export type Aim = {
  readonly random: Random
  /** Stands in every group key of the shot, and nowhere else. */
  readonly tag: string
}

type Body = Readonly<Record<string, unknown>>

export function alertOf(labels: Readonly<Record<string, unknown>> = {}, more: Body = {}): Body {
  return {
    status: 'firing',
    labels: {
      alertname: 'HostSystemdServiceCrashed',
      instance: `${ownHosts[0]}:9100`,
      name: 'nginx.service',
      ...labels,
    },
    annotations: { summary: 'nginx.service failed' },
    startsAt: '2026-11-21T09:15:30.123Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://mon-01:9090/graph',
    fingerprint: '00000000000000aa',
    ...more,
  }
}

/** A payload as Alertmanager writes it, of the shot's own group. */
export function payloadOf({ tag }: Aim, alerts: readonly Body[] = [alertOf()], more: Body = {}): Body {
  return {
    receiver: 'millwright',
    status: alerts.every(({ status }) => status === 'resolved') ? 'resolved' : 'firing',
    alerts,
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://mon-01:9093',
    version: '4',
    groupKey: `{}:{tag="${tag}"}`,
    truncatedAlerts: 0,
    ...more,
  }
}

type Headers = readonly (readonly [name: string, value: string])[]

const goodHeaders: Headers = [
  ['host', '127.0.0.1'],
  ['authorization', `Bearer ${credentials.token}`],
  ['content-type', 'application/json'],
]

/** Headers like the good ones but for what is given; a null takes one away. */
export function headersWith(changes: Readonly<Record<string, string | null>>): Headers {
  const kept = goodHeaders.filter(([name]) => !Object.hasOwn(changes, name))
  const added = Object.entries(changes).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
  return [...kept, ...added]
}

export type Request = {
  readonly body: string | Uint8Array
  readonly headers?: Headers
  readonly path?: string
  readonly method?: string
  /** Default: the length of the body. Null: none is named. */
  readonly length?: string | null
}

export function post({
  body,
  headers = goodHeaders,
  path = '/hooks/v1/am',
  method = 'POST',
  length,
}: Request): Uint8Array {
  const bytes = Buffer.from(body)
  const named = length === undefined ? String(bytes.byteLength) : length
  const all = [...headers, ...(named === null ? [] : [['content-length', named] as const])]
  const head = `${method} ${path} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}

export const once = (bytes: Uint8Array): readonly Transmission[] => [{ bytes: [bytes] }]

export type Signing = {
  readonly seconds?: number
  readonly time?: string
  readonly key?: string
  readonly over?: string
}

/** Headers of a signed request; `seconds`: how far its clock is from ours. */
export function signedHeaders(
  body: string,
  { seconds = 0, time, key = credentials.key, over = body }: Signing = {},
): Headers {
  const stamp = time ?? String(Math.floor(Date.now() / 1_000) + seconds)
  const signature = createHmac('sha256', key).update(`msg_1.${stamp}.${over}`).digest('base64')
  return headersWith({
    authorization: null,
    'webhook-id': 'msg_1',
    'webhook-timestamp': stamp,
    'webhook-signature': `v1,${signature}`,
  })
}
