// The alert that a fault of the lab raises, as the lab's own Alertmanager would tell of it, without waiting for it.
import { createHash } from 'node:crypto'
import { smallDiskPath } from '../disk.ts'
import type { Fault } from '../fault.ts'

export type FaultAlert = {
  readonly fault: Fault
  readonly host: string
  readonly startsAt: Date
  /** What whoever causes errors on purpose can make it say. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Never in the place of its own. */
  readonly labels?: Readonly<Record<string, string>>
}

export function faultPayload({ fault, host, startsAt, annotations: more, labels: others }: FaultAlert): object {
  const group = { alertname: fault.alert, instance: instanceOf(fault, host) }
  const labels = { ...others, ...group, job: 'node', severity: 'warning', ...aboutOf(fault) }
  const annotations = { summary: `${fault.alert} on ${host}`, ...more }
  return {
    version: '4',
    receiver: 'millwright',
    status: 'firing',
    groupKey: `{}:{alertname="${group.alertname}", instance="${group.instance}"}`,
    truncatedAlerts: 0,
    groupLabels: group,
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: 'http://alertmanager.example:9093',
    alerts: [
      {
        status: 'firing',
        labels,
        annotations,
        startsAt: startsAt.toISOString(),
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://prometheus.example:9090/graph',
        fingerprint: createHash('sha256').update(JSON.stringify(labels)).digest('hex').slice(0, 16),
      },
    ],
  }
}

function instanceOf({ alert }: Fault, host: string): string {
  return alert.startsWith('Blackbox') ? `http://${host}/` : `${host}:9100`
}

/** The labels that say what on the host it is about. */
export function aboutOf({ alert, mayChange }: Fault): Readonly<Record<string, string>> {
  const [unit] = mayChange.units
  if (/DiskSpace|Inodes/.test(alert)) return { mountpoint: smallDiskPath }
  if (alert === 'HostSystemdServiceCrashed' && unit !== undefined)
    return { name: unit, state: 'failed', type: 'simple' }
  return {}
}
