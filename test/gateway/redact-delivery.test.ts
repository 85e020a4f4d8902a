import { expect, test } from 'vitest'
import type { Alert } from '../../domain/alert.ts'
import { redactDelivery } from '../../gateway/redact-delivery.ts'

const alert: Alert = {
  status: 'firing',
  labels: { alertname: 'Down' },
  annotations: { summary: 'postgres://app:Hunt3rTwo@db/orders is away' },
  startsAt: '2026-01-01T00:00:00Z',
  endsAt: null,
  fingerprint: '00000000000000aa',
  link: 'https://prometheus.example/graph?g0.expr=up',
}

test('a secret behind escaped slashes is taken out of body and alerts', () => {
  const text = String.raw`{"summary":"postgres:\/\/app:Hunt3rTwo@db\/orders is away"}`

  const kept = redactDelivery(text, { groupKey: '', alerts: [alert] })

  expect(JSON.stringify(kept)).not.toContain('Hunt3rTwo')
})

test('a link with a secret in it is dropped, another one stays', () => {
  const text = JSON.stringify({ link: 'https://prom:Hunt3rTwo@prometheus.example/graph' })
  const leaking = { ...alert, annotations: {}, link: 'https://prom:Hunt3rTwo@prometheus.example/graph' }

  const kept = redactDelivery(text, { groupKey: '', alerts: [leaking, { ...alert, annotations: {} }] })

  expect(kept.alerts.map(({ link }) => link)).toEqual([null, alert.link])
})

test('a backslash that is itself escaped stays what it was', () => {
  const text = String.raw`{"path":"C:\\/logs"}`
  expect(JSON.parse(redactDelivery(text, { groupKey: '', alerts: [] }).body)).toEqual({ path: 'C:\\/logs' })
})

test('a text is cut once its secrets are out, wherever the cut falls', () => {
  const secret = 'postgres://app:Hunt3rTwo'
  const long = (kept: number) => `${'x '.repeat(kept / 2).slice(secret.length)}${secret}@db/orders`
  const labels = { alertname: 'Down', query: long(2_048) }
  const annotations = { description: long(4_096) }
  const one = { ...alert, labels, annotations }

  const kept = redactDelivery(JSON.stringify(one), { groupKey: long(8_192), alerts: [one] })

  expect(JSON.stringify(kept)).not.toContain('Hunt3r')
  expect(kept.alerts[0]?.labels['query']).toHaveLength(2_048)
  expect(kept.alerts[0]?.annotations['description']).toHaveLength(4_096)
  expect(kept.groupKey).toHaveLength(8_192)
})
