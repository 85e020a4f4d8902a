// The worker that asks models. This process holds their keys and nothing else: no SSH key, no way to sign or decide,
// and a role of its own in the database. Its only way out is to the addresses of its models.
import { Worker } from '@temporalio/worker'
import type { AskedModel } from '../activities/mind/exchange.ts'
import { createMindActivities } from '../activities/mind/index.ts'
import { type LoadedModel, loadModels } from '../integrations/load.ts'
import { dataConverterOf } from '../runtime/payload-codec.ts'
import type { ProcessContext, StartProcess } from '../runtime/process.ts'
import { redactText } from '../runtime/redaction.ts'
import { startTelemetry } from '../runtime/telemetry.ts'
import { connectStore } from '../store/connect.ts'
import { mindQueue } from '../workflows/messages.ts'
import { failureInterceptor } from './failures.ts'
import { forgedInterceptor } from './forged.ts'
import { heartbeatInterceptor } from './heartbeats.ts'
import { commonOptions, connectTemporal, installRuntime, runWorkers } from './temporal.ts'
import { traceInterceptor } from './trace.ts'

/** Calls at the same time, of all incidents; providers limit them, too. */
const maximumCalls = 20

export const start: StartProcess = async (context) => {
  const { config, databaseUrl, temporal, secret, log } = context
  installRuntime(log)
  const telemetry = await startTelemetry(config, 'mind')
  const models = await loadModels(config, secret)
  const store = connectStore(databaseUrl)
  const connection = await connectTemporal(temporal)
  const planner = askedModel(models?.planner ?? null, log)
  const reader = askedModel(models?.reader ?? null, log)
  const worker = await Worker.create({
    ...commonOptions,
    connection,
    namespace: temporal.namespace,
    dataConverter: dataConverterOf(context),
    taskQueue: mindQueue,
    identity: `mind ${process.pid}`,
    maxConcurrentActivityTaskExecutions: maximumCalls,
    activities: createMindActivities({ store, budgets: config.budgets, models: { planner, reader } }),
    interceptors: {
      activity: [
        () => ({ inbound: forgedInterceptor() }),
        () => ({ inbound: traceInterceptor() }),
        () => ({ inbound: failureInterceptor(redactText) }),
        () => ({ inbound: heartbeatInterceptor() }),
      ],
    },
  })
  const close = async (): Promise<void> => {
    await Promise.all([connection.close(), store.destroy(), telemetry.end()])
  }
  const names = [planner, reader].flatMap((model) => model?.model ?? [])
  return runWorkers([worker], { log, says: `mind with ${names.join(' and ') || 'no model'}`, close })
}

/** What it tried to reach beside its own address stands in the log. */
function askedModel(model: LoadedModel | null, log: ProcessContext['log']): AskedModel | null {
  if (model === null) return null
  const { address, price } = model
  const refused = (attempt: object): void => log.warn({ ...attempt, model: model.model }, 'a way out was refused')
  return {
    model: model.model,
    address,
    price,
    ask: (question, signal) => model.ask(question, { signal, heard: () => undefined, refused }),
  }
}
