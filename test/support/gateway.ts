// A gateway over a real database, answering requests without a port; what it would tell Temporal stays in its rows.
import { pino } from 'pino'
import { Failure } from '../../domain/failure.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import { createApp, type AppDeps } from '../../gateway/app.ts'
import { loadSources } from '../../integrations/load.ts'
import { HostEntry } from '../../integrations/inventory-host.ts'
import { Config } from '../../runtime/config.ts'
import { createInbox } from '../../store/inbox.ts'
import { loadPolicies } from '../../policies/evaluate.ts'
import type { Store } from '../../store/connect.ts'
import { notAsDocumented } from './api-document.ts'

export const token = 'token-of-the-test'

export const twoHosts: readonly InventoryHost[] = ['web-01', 'web-02'].map((id, at) =>
  HostEntry.parse({
    id,
    address: `10.0.0.${at + 1}`,
    environment: 'lab',
    units: [{ name: 'nginx.service', ports: [80] }],
    endpoints: [{ id: 'home', url: `http://${id}/`, port: 80, unit: 'nginx.service' }],
    mounts: [{ id: 'root', path: '/' }],
  }),
)

export const labConfig = Config.parse({
  sources: {
    lab: {
      use: 'alertmanager',
      bearer: 'file:/secrets/token',
      targets: [{ host: 'instance', unit: 'name', mount: 'mountpoint' }],
    },
  },
})

/** Everything a gateway needs, over this store; `more` replaces parts of it. */
export async function gatewayDeps(store: Store, more: Partial<AppDeps> = {}): Promise<AppDeps> {
  const config = more.config ?? labConfig
  const inventory = { digest: 'of the test', hosts: twoHosts }
  const policies = loadPolicies()
  return {
    store,
    config,
    sources: await loadSources(config),
    inbox: createInbox(store),
    catalogue: () => ({ digest: 'of the test', playbooks: [] }),
    inventory: () => inventory,
    policies: () => policies,
    temporal: () => Promise.reject(new Failure({ code: 'upstream.unavailable', message: 'No workflow server here.' })),
    secret: () => token,
    now: () => new Date(),
    log: pino({ level: 'silent' }),
    ...more,
  }
}

/** Every answer of it is held to the API's document. */
export async function testGateway(store: Store, more: Partial<AppDeps> = {}): Promise<ReturnType<typeof createApp>> {
  const app = createApp(await gatewayDeps(store, more))
  const { fetch } = app
  app.fetch = async (request, ...rest) => {
    const response = await fetch(request, ...rest)
    const wrong = await notAsDocumented(request.method, new URL(request.url).pathname, response)
    if (wrong.length > 0) throw new Error(`An answer is not as the API's document says:\n${wrong.join('\n')}`)
    return response
  }
  return app
}

export type PayloadAlert = {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly status?: 'firing' | 'resolved'
  readonly fingerprint?: string
  readonly startsAt?: string
}

/** A payload as Alertmanager 0.25 writes it. */
export function alertmanagerPayload(groupKey: string, alerts: readonly PayloadAlert[]): object {
  return {
    receiver: 'millwright',
    status: alerts.every(({ status }) => status === 'resolved') ? 'resolved' : 'firing',
    alerts: alerts.map(({ labels, annotations = {}, status = 'firing', ...alert }) => ({
      status,
      labels,
      fingerprint: '00000000000000aa',
      startsAt: '2026-11-21T09:00:00Z',
      ...alert,
      annotations: { summary: 'something is wrong', ...annotations },
      endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-11-21T09:30:00Z',
      generatorURL: 'http://mon-01:9090/graph',
    })),
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://mon-01:9093',
    version: '4',
    groupKey,
    truncatedAlerts: 0,
  }
}

/** A POST to a hook, with the right credentials unless told otherwise. */
export function hookRequest(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  const all = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }
  return {
    method: 'POST',
    headers: all,
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  }
}
