// Which process gets which secret. A part of the config that is not named here is handed to nobody.
import type { Config } from './config.ts'
import { SecretReference } from './config.ts'
import { readSecret } from './secrets.ts'
import type { HandOver } from './hand-over.ts'

/** Our processes, and the parts of the config whose references each may resolve. */
const shares = {
  control: ['listen', 'temporal', 'sources', 'notifiers', 'metrics', 'inventory', 'telemetry'],
  hands: ['ssh', 'temporal', 'metrics', 'logs', 'inventory'],
  mind: ['models', 'temporal'],
  prepare: [],
} as const satisfies Record<string, readonly (keyof Config)[]>

export type ProcessName = keyof typeof shares

/** The secrets of one process, read now. One that can't be read is handed on as its problem: only its use fails. */
export function secretsFor(process: ProcessName, config: Config): HandOver['secrets'] {
  const references = shares[process].flatMap((part) => referencesIn(config[part]))
  return Object.fromEntries(references.map((reference) => [reference, valueOf(reference)]))
}

/** What can't be read of the config's secrets, in words. */
export function secretProblems(config: Config): readonly string[] {
  const secrets = {
    ...secretsFor('control', config),
    ...secretsFor('hands', config),
    ...secretsFor('mind', config),
  }
  return Object.values(secrets).flatMap((secret) => ('problem' in secret ? [secret.problem] : []))
}

function valueOf(reference: string): HandOver['secrets'][string] {
  try {
    return { value: readSecret(reference) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : `The secret ${reference} can't be read.` }
  }
}

function referencesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return SecretReference.safeParse(value).success ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((item: unknown) => referencesIn(item))
}
