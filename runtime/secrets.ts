// Secrets and addresses that come from outside the config: resolved in one place, once, and handed on by file
// descriptor.
import { readFileSync } from 'node:fs'
import { Failure } from '../domain/failure.ts'

/** More than any key or token has. */
const secretLimitBytes = 64 * 1024

/**
 * Reads the value of a `file:` or `env:` reference; a file's last line break is not part of it.
 * Throws `config.invalid` naming the reference, never its value.
 */
export function readSecret(reference: string): string {
  const value = reference.startsWith('file:') ? fromFile(reference) : process.env[reference.slice('env:'.length)]
  if (value !== undefined && value !== '' && Buffer.byteLength(value) <= secretLimitBytes) return value
  throw new Failure({
    code: 'config.invalid',
    message: `The secret ${reference} is empty, missing or too long.`,
    hint: 'Put the value there (a file should be 0600), then start again.',
  })
}

function fromFile(reference: string): string {
  const path = reference.slice('file:'.length)
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new Failure({
      code: 'config.invalid',
      message: `The secret ${reference} can't be read.`,
      hint: `Make the file ${path} readable for the user that runs Millwright.`,
      cause,
    })
  }
}

/** The data folder that MILLWRIGHT_DATA names for every command of a terminal; null when it names none. */
export function dataFromEnvironment(): string | null {
  return process.env['MILLWRIGHT_DATA'] || null
}

/** A Temporal server that is not ours, named by TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE; null when there is none. */
export function temporalAddress(): { readonly address: string; readonly namespace: string } | null {
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = process.env
  if (TEMPORAL_ADDRESS === undefined || TEMPORAL_ADDRESS === '') return null
  return { address: TEMPORAL_ADDRESS, namespace: TEMPORAL_NAMESPACE || 'default' }
}

/** What of our own environment our processes need: places and trust anchors, addresses of telemetry, never a secret. */
const passed = [
  'PATH',
  'HOME',
  'MILLWRIGHT_CACHE',
  'XDG_CACHE_HOME',
  'NODE_COMPILE_CACHE',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_SERVICE_NAME',
] as const

/** The environment that a process of ours starts with. */
export function passedEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    passed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

/** OpenTelemetry's SDK takes its exporter's settings from the environment alone; ours come from the config. */
export function setSpanExporter(endpoint: string): void {
  Object.assign(process.env, {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  })
}
