// The process `control` begins here: webhooks, API and pages on one port, and what they leave to be told: dispatch and outbox.
import { serve, type ServerType } from '@hono/node-server'
import { Client, Connection } from '@temporalio/client'
import { Failure } from '../domain/failure.ts'
import { loadNotifiers, loadSources } from '../integrations/load.ts'
import type { ProcessContext, Running, StartProcess } from '../runtime/process.ts'
import { connectStore } from '../store/connect.ts'
import { dispatchChannel } from '../store/dispatch.ts'
import { createInbox } from '../store/inbox.ts'
import { listen } from '../store/listen.ts'
import { outboxChannel } from '../store/outbox.ts'
import { createApp } from './app.ts'
import type { GatewayDeps } from './deps.ts'
import { startDispatch } from './dispatch.ts'
import { startOutbox } from './outbox.ts'
import { publicUrl } from './place.ts'
import { watchFiles } from './reload.ts'

/** A sender that dribbles its body holds a connection no longer than this, milliseconds. */
const requestMilliseconds = 10_000
const connectMilliseconds = 5_000

export const start: StartProcess = async (context) => {
  const { config, databaseUrl, secret, log } = context
  const store = connectStore(databaseUrl)
  const files = await watchFiles(config, log)
  const temporal = lazyTemporal(context)
  const deps: GatewayDeps = {
    ...{ store, config, secret, log },
    catalogue: () => files.now().catalogue,
    inventory: () => files.now().inventory,
    policies: () => files.now().policies,
    temporal: temporal.client,
    now: () => new Date(),
  }
  const app = createApp({ ...deps, sources: await loadSources(config), inbox: createInbox(store) })
  const dispatch = startDispatch(deps)
  const outbox = startOutbox({ ...deps, notifiers: await loadNotifiers(config) })
  const wakes = new Map([[dispatchChannel, dispatch.wake], [outboxChannel, outbox.wake]])
  const listening = listen(databaseUrl, [...wakes.keys()], (channel) => wakes.get(channel)?.())
  const server = await listenOn(config.listen, app.fetch)
  const stop: Running['stop'] = async () => {
    files.stop()
    await closed(server)
    await listening.stop()
    await Promise.all([dispatch.stop(), outbox.stop()])
    await temporal.close()
    await store.destroy()
  }
  return { says: `gateway on ${publicUrl(config)}`, stop }
}

async function listenOn({ address, port }: { address: string; port: number }, fetch: (request: Request) => Response | Promise<Response>): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const serverOptions = { requestTimeout: requestMilliseconds, headersTimeout: requestMilliseconds, keepAliveTimeout: 60_000 }
    const server = serve({ fetch, hostname: address, port, serverOptions }, () => resolve(server))
    server.once('error', (cause: Error) =>
      reject(
        new Failure({
          code: 'config.invalid',
          message: `The gateway can't listen on ${address}:${port}.`,
          hint: 'Change listen.port in the config, or end what listens there.',
          cause,
        }),
      ),
    )
  })
}

/** New requests are refused at once, those under way get their answer. */
function closed(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}

function lazyTemporal({ temporal }: Pick<ProcessContext, 'temporal'>) {
  let connecting: Promise<Connection> | null = null
  const connect = async (): Promise<Connection> => {
    try {
      return await Connection.connect({ address: temporal.address, connectTimeout: connectMilliseconds })
    } catch (cause) {
      connecting = null
      throw new Failure({ code: 'upstream.unavailable', message: 'The workflow server does not answer.', hint: 'It is tried again by itself.', cause })
    }
  }
  return {
    client: async () => new Client({ connection: await (connecting ??= connect()), namespace: temporal.namespace }),
    close: async () => {
      const connection = await connecting?.catch(() => null)
      await connection?.close()
    },
  }
}
