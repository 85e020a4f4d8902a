// Real hosts with Millwright beside them in processes of its own; alerts come from us, so that a proof decides when.
import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { freePort } from '../../runtime/embedded-temporal.ts'
import type { Target } from '../fault.ts'
import { type BesideOptions, startModelBeside } from '../model-server/beside.ts'
import type { ModelServer } from '../model-server/server.ts'
import { hostPaths } from '../paths.ts'
import { type LabState, requireState } from '../state.ts'
import { type Lab, startLab } from '../up.ts'
import { labConfig, type Values } from '../world/world.ts'
import { type Crew, startCrew } from './crew.ts'

export type Field = {
  readonly lab: Lab
  readonly state: LabState
  readonly crew: Crew
  readonly targets: readonly Target[]
  readonly url: string
  /** Null: no model is configured. */
  readonly model: ModelServer | null
  /** Sends one alert as Alertmanager does: again until it is recorded. Answers the incident's id. */
  readonly alert: (alert: Alert) => Promise<string>
  /** The same with the body of any alert. */
  readonly post: (payload: object) => Promise<string>
  readonly stop: () => Promise<void>
}

export type Alert = {
  readonly host: string
  readonly unit: string
  readonly status: 'firing' | 'resolved'
  readonly startsAt: Date
  /** Beside its summary. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Beside its own. */
  readonly labels?: Readonly<Record<string, string>>
}

export type FieldOptions = {
  readonly hosts: number
  /** A scripted model is asked about faults that nobody knows. */
  readonly model?: Omit<BesideOptions, 'folder'>
  readonly say: (line: string) => void
  readonly change?: (config: Values) => Values
}

const alertPatienceMilliseconds = 120_000
const alertPauseMilliseconds = 200

export async function startField({ hosts, say, model, change = (config) => config }: FieldOptions): Promise<Field> {
  const folder = await mkdtemp(join(tmpdir(), 'millwright-proof-'))
  const ends: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end()
  }
  try {
    // The database's own account passes through to its folder in here.
    await chmod(folder, 0o711)
    const lab = await startLab({ hosts, monitoring: false, progress: say })
    ends.push(lab.stop)
    const port = await freePort()
    const token = randomBytes(24).toString('hex')
    const bearerFile = join(folder, 'webhook.token')
    await writeFile(bearerFile, token, { mode: 0o600 })
    const beside = model === undefined ? null : await startModelBeside({ ...model, folder })
    if (beside !== null) ends.push(beside.server.stop)
    const config = join(folder, 'millwright.yaml')
    const values = change(labConfig({ lab, bearerFile, port, beside }))
    await writeFile(config, stringify(values, { aliasDuplicateObjects: false }))
    say('millwright: starting')
    const crew = await startCrew({ data: join(folder, 'data'), config })
    ends.push(crew.stop)
    const state = requireState(lab.name)
    const url = `http://127.0.0.1:${port}`
    const targets = state.hosts.map((host) => ({ state, host, root: hostPaths(state.name, host.name).root }))
    const post: Field['post'] = (payload) => deliver(`${url}/hooks/v1/lab`, token, payload)
    const alert: Field['alert'] = (one) => post(payloadOf(one))
    return { lab, state, crew, targets, url, model: beside?.server ?? null, alert, post, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function deliver(url: string, token: string, payload: object): Promise<string> {
  const body = JSON.stringify(payload)
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const until = performance.now() + alertPatienceMilliseconds
  for (;;) {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) }).catch(
      () => null,
    )
    if (response?.status === 202) {
      const { incident_id: incident } = JSON.parse(await response.text())
      return String(incident)
    }
    if (performance.now() > until || (response !== null && response.status < 500)) {
      throw new Error(`the alert was not taken: ${response === null ? 'no answer' : await response.text()}`)
    }
    await sleep(alertPauseMilliseconds)
  }
}

/** As the lab's own Alertmanager writes it for the rule about crashed units. */
export function payloadOf({ host, unit, status, startsAt, annotations = {}, labels: others = {} }: Alert): object {
  const name = 'HostSystemdServiceCrashed'
  const group = { alertname: name, instance: `${host}:9100` }
  const labels = { ...others, ...group, job: 'node', severity: 'warning', name: unit, state: 'failed', type: 'forking' }
  const key = JSON.stringify(labels)
  return {
    version: '4',
    receiver: 'millwright',
    status,
    groupKey: `{}:{alertname="${name}", instance="${host}:9100"}`,
    truncatedAlerts: 0,
    groupLabels: group,
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example:9093',
    alerts: [
      {
        status,
        labels,
        annotations: { summary: `${unit} crashed on ${host}`, ...annotations },
        startsAt: startsAt.toISOString(),
        endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : new Date().toISOString(),
        generatorURL: 'http://prometheus.example:9090/graph',
        fingerprint: createHash('sha256').update(key).digest('hex').slice(0, 16),
      },
    ],
  }
}
