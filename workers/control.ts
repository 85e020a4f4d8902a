// The workflow worker with the control activities. It holds no SSH key and no model key, and reaches no host.
import { Client, Connection } from '@temporalio/client'
import { Worker } from '@temporalio/worker'
import { createControlActivities } from '../activities/index.ts'
import { Failure } from '../domain/failure.ts'
import { loadModels } from '../integrations/load.ts'
import { startTelemetry } from '../runtime/telemetry.ts'
import { dataConverterOf } from '../runtime/payload-codec.ts'
import { traceClient } from '../runtime/temporal-trace.ts'
import { redactText } from '../runtime/redaction.ts'
import type { StartProcess } from '../runtime/process.ts'
import { publicUrl } from '../runtime/public-url.ts'
import { connectStore } from '../store/connect.ts'
import { controlQueue } from '../workflows/messages.ts'
import { workflowBundle } from './bundle.ts'
import { failureInterceptor } from './failures.ts'
import { forgedInterceptor } from './forged.ts'
import { createSignalHost } from './signal-host.ts'
import { commonOptions, connectTemporal, installRuntime, runWorkers } from './temporal.ts'
import { traceInterceptor } from './trace.ts'
import { loadWorld } from './world.ts'

/** Waiting incidents that stay in memory; others are replayed from their history when something happens to them. */
const maximumCached = 1_000

/** Only their names are needed here. */
function noModelKey(): never {
  throw new Failure({ code: 'bug', message: "This process holds no model's key." })
}

export const start: StartProcess = async (context) => {
  const { config, databaseUrl, temporal, log } = context
  installRuntime(log)
  const telemetry = await startTelemetry(config, 'control')
  const bundle = await workflowBundle()
  const world = await loadWorld(context)
  const store = connectStore(databaseUrl)
  const connection = await connectTemporal(temporal)
  const clientConnection = Connection.lazy({ address: temporal.address })
  const dataConverter = dataConverterOf(context)
  const client = new Client({
    connection: clientConnection,
    dataConverter,
    namespace: temporal.namespace,
    interceptors: { workflow: [traceClient] },
  })
  const activities = createControlActivities({
    ...world,
    store,
    config,
    models: await loadModels(config, noModelKey),
    notifiers: Object.keys(config.notifiers),
    url: publicUrl(config),
    redact: redactText,
    now: () => new Date(),
    signalHost: createSignalHost(() => client),
  })
  const worker = await Worker.create({
    ...commonOptions,
    connection,
    namespace: temporal.namespace,
    taskQueue: controlQueue,
    identity: `control ${process.pid}`,
    workflowBundle: bundle,
    activities,
    dataConverter,
    maxCachedWorkflows: maximumCached,
    interceptors: {
      activity: [
        () => ({ inbound: forgedInterceptor() }),
        () => ({ inbound: traceInterceptor() }),
        () => ({ inbound: failureInterceptor(redactText) }),
      ],
    },
  })
  const close = async (): Promise<void> => {
    world.end()
    await Promise.all([connection.close(), clientConnection.close(), store.destroy(), telemetry.end()])
  }
  return runWorkers([worker], { log, says: 'workflows', close })
}
