// The process `control` begins here: webhooks, API and pages on one port, and what they leave to be told: dispatch and
// outbox.
import { Client, Connection } from '@temporalio/client'
import { Failure } from '../domain/failure.ts'
import { loadMetrics, loadNotifiers, loadSources } from '../integrations/load.ts'
import { dataConverterOf } from '../runtime/payload-codec.ts'
import type { ProcessContext, Running, StartProcess } from '../runtime/process.ts'
import { reloading } from '../runtime/reloading.ts'
import { traceClient } from '../runtime/temporal-trace.ts'
import { connectStore } from '../store/connect.ts'
import { dispatchChannel } from '../store/dispatch.ts'
import { createInbox } from '../store/inbox.ts'
import { listen } from '../store/listen.ts'
import { outboxChannel } from '../store/outbox.ts'
import { createApp } from './app.ts'
import type { GatewayDeps } from './deps.ts'
import { startDispatch } from './dispatch.ts'
import { startLookout } from './lookout.ts'
import { startOutbox } from './outbox.ts'
import { historyFrom } from './history.ts'
import { publicUrl } from '../runtime/public-url.ts'
import { type Files, loadFiles } from './reload.ts'
import { serveApp } from './serve.ts'
import { startSweep } from './sweep.ts'

const connectMilliseconds = 5_000

export const start: StartProcess = async (context) => {
  const { config, databaseUrl, secret, log } = context
  const store = connectStore(databaseUrl)
  const files = await reloading<Files>((first) => loadFiles(config, first), log)
  const temporal = lazyTemporal(context)
  const deps: GatewayDeps = {
    store,
    config,
    secret,
    log,
    catalogue: () => files.now().catalogue,
    inventory: () => files.now().inventory,
    policies: () => files.now().policies,
    temporal: temporal.client,
    history: historyFrom(config, await loadMetrics(config, secret)),
    now: () => new Date(),
  }
  const app = createApp({ ...deps, sources: await loadSources(config), inbox: createInbox(store) })
  const dispatch = startDispatch(deps)
  const outbox = startOutbox({ ...deps, notifiers: await loadNotifiers(config) })
  const sweeping = startSweep(deps)
  const lookout = startLookout(deps)
  const wakes = new Map([
    [dispatchChannel, dispatch.wake],
    [outboxChannel, outbox.wake],
  ])
  const listening = listen(databaseUrl, [...wakes.keys()], (channel) => wakes.get(channel)?.())
  const server = await serveApp(config, { fetch: app.fetch, secret })
  const stop: Running['stop'] = async () => {
    files.stop()
    await server.close()
    await listening.stop()
    await Promise.all([dispatch.stop(), outbox.stop(), sweeping.stop(), lookout.stop()])
    await temporal.close()
    await store.destroy()
  }
  return { says: `gateway on ${publicUrl(config)}`, stop }
}

function lazyTemporal(context: ProcessContext) {
  const { temporal } = context
  const dataConverter = dataConverterOf(context)
  let connecting: Promise<Connection> | null = null
  const connect = async (): Promise<Connection> => {
    try {
      return await Connection.connect({ address: temporal.address, connectTimeout: connectMilliseconds })
    } catch (cause) {
      connecting = null
      throw new Failure({
        code: 'upstream.unavailable',
        message: 'The workflow server does not answer.',
        hint: 'It is tried again by itself.',
        cause,
      })
    }
  }
  return {
    client: async () =>
      new Client({
        connection: await (connecting ??= connect()),
        namespace: temporal.namespace,
        dataConverter,
        interceptors: { workflow: [traceClient] },
      }),
    close: async () => {
      const connection = await connecting?.catch(() => null)
      await connection?.close()
    },
  }
}
