// OpenTelemetry, off unless the config names an endpoint: then every process of ours sends its spans there, and nothing
// else.
import type { Config } from './config.ts'
import { setSpanExporter } from './secrets.ts'

/** Sends what is left and stops. */
export type Telemetry = { readonly end: () => Promise<void> }

let started: Promise<Telemetry> | null = null

/** Once per process, however many modules of it ask. `process` is our process's name. */
export function startTelemetry({ telemetry }: Pick<Config, 'telemetry'>, process: string): Promise<Telemetry> {
  if (telemetry?.endpoint === undefined) return Promise.resolve({ end: () => Promise.resolve() })
  started ??= begin(telemetry.endpoint, process)
  return started
}

async function begin(endpoint: string, name: string): Promise<Telemetry> {
  setSpanExporter(endpoint)
  // Tens of megabytes that nobody pays who does not use it.
  const { startNodeSdk } = await import('@opentelemetry/sdk-node')
  const sdk = startNodeSdk({
    logLevel: 'error',
    resourceAttributes: { 'service.name': `millwright-${name}`, 'service.namespace': 'millwright' },
    resourceDetectors: [],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  })
  return { end: () => sdk.shutdown() }
}
