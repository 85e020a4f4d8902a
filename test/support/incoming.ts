// Payloads as the inbox takes them, after their source has parsed them and their targets are found.
import type { Alert } from '../../domain/alert.ts'
import { sha256 } from '../../runtime/digest.ts'
import type { Incoming, IncomingAlert } from '../../store/inbox-place.ts'

let groups = 0

/** A group that no other test has. */
export const newGroup = (): string => `{}:{n="${(groups += 1)}"}`

/** A firing alert about a host; null: about none that is known. */
export function incomingAlert(host: string | null, more: Partial<Alert> = {}): IncomingAlert {
  const labels = { alertname: 'ServiceDown', instance: host ?? 'nowhere', severity: 'critical' }
  return {
    alert: {
      status: 'firing',
      labels,
      annotations: {},
      startsAt: '2026-11-21T10:00:00Z',
      endsAt: null,
      fingerprint: sha256(JSON.stringify({ ...labels, ...more.labels })).slice(0, 16),
      link: null,
      ...more,
    },
    host: host === null ? null : { id: host, name: host, environment: 'lab' },
    subjects: [],
  }
}

/** The same alert, over. */
export function over(item: IncomingAlert): IncomingAlert {
  return { ...item, alert: { ...item.alert, status: 'resolved', endsAt: '2026-11-21T10:05:00Z' } }
}

export function incoming(groupKey: string, alerts: readonly IncomingAlert[], more: Partial<Incoming> = {}): Incoming {
  const body = JSON.stringify({ groupKey, alerts, at: more.receivedAt ?? null })
  return {
    source: 'am',
    team: 'default',
    environment: 'default',
    groupKey,
    groupKeyKept: groupKey,
    truncated: 0,
    bodyDigest: sha256(body),
    body,
    alerts,
    traceparent: null,
    receivedAt: new Date(),
    ...more,
  }
}
