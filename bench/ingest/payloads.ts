// Payloads as Alertmanager writes them: five alerts of one host, each payload a group of its own, so that each opens an
// incident.
import type { InventoryHost } from '../../domain/inventory.ts'
import { HostEntry } from '../../integrations/inventory-host.ts'

export const alertsPerPayload = 5
export const token = 'token-of-the-benchmark'

export function hosts(count: number): readonly InventoryHost[] {
  return Array.from({ length: count }, (_, at) =>
    HostEntry.parse({
      id: `web-${at}`,
      address: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
      environment: 'lab',
      units: [{ name: 'nginx.service', ports: [80] }],
    }),
  )
}

export function payload(number: number, hostCount: number): object {
  const instance = `web-${number % hostCount}:9100`
  const groupLabels = { alertname: 'HostSystemdServiceCrashed', instance, run: String(number) }
  return {
    receiver: 'millwright',
    status: 'firing',
    alerts: Array.from({ length: alertsPerPayload }, (_, at) => ({
      status: 'firing',
      labels: {
        ...groupLabels,
        job: 'node',
        name: 'nginx.service',
        severity: 'warning',
        state: 'failed',
        type: `forking-${at}`,
      },
      annotations: {
        summary: `nginx.service failed on ${instance}`,
        description: 'systemd reports the unit as failed.',
      },
      startsAt: '2026-11-21T09:15:30.123Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: `http://mon-01:9090/graph?g0.expr=node_systemd_unit_state%7Bstate%3D%22failed%22%7D+%3E+0&g0.tab=1`,
      fingerprint: (number * alertsPerPayload + at).toString(16).padStart(16, '0'),
    })),
    groupLabels,
    commonLabels: groupLabels,
    commonAnnotations: {},
    externalURL: 'http://mon-01:9093',
    version: '4',
    groupKey: `{}:{alertname="HostSystemdServiceCrashed", instance="${instance}", run="${number}"}`,
    truncatedAlerts: 0,
  }
}
