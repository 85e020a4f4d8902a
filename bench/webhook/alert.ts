// What Alertmanager would post about one crashed unit, and how long Millwright takes with it.
import { readFileSync } from 'node:fs'
import type { World } from '../../lab/world/world.ts'

let number = 0

/** Posts an alert of its own group; resolves when it is recorded, with the moment before it was sent. */
export async function postCrash(world: World, host: string, alertname = 'HostSystemdServiceCrashed'): Promise<number> {
  number += 1
  const labels = { alertname, instance: `${host}:9100`, name: 'nginx.service', state: 'failed', run: String(number) }
  const alert = {
    status: 'firing',
    labels,
    annotations: { summary: `nginx.service failed on ${host}` },
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: number.toString(16).padStart(16, '0'),
  }
  const body = JSON.stringify({
    receiver: 'millwright',
    status: 'firing',
    alerts: [alert],
    groupLabels: labels,
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: 'http://localhost:9093',
    version: '4',
    groupKey: `{}:{alertname="${alertname}", run="${number}"}`,
    truncatedAlerts: 0,
  })
  const bearer = readFileSync(world.bearerFile, 'utf8').trim()
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
  const sent = Date.now()
  const answer = await fetch(`${world.supervisor.url}/hooks/v1/lab`, { method: 'POST', headers, body })
  if (answer.status !== 202) throw new Error(`The webhook was answered with ${answer.status}: ${await answer.text()}`)
  return sent
}
