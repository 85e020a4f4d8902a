// The key of everything that Temporal keeps for us: made once, in the data folder, for the owner's eyes alone.
import { randomBytes } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { Failure } from '../domain/failure.ts'
import type { Config } from './config.ts'
import { missingKey, payloadKey, payloadKeyBytes } from './payload-codec.ts'
import { readSecret, temporalAddress } from './secrets.ts'

/**
 * The config with a key: its own or, where the workflow server is our child, the one of the data folder, made at the
 * first start. Throws `config.missing` for somebody's server without a key in the config, `config.invalid` for a key
 * that is none or that others can read.
 */
export function withPayloadKey(config: Config, file: string): Config {
  if (config.temporal !== undefined) return config
  if (temporalAddress() !== null) throw missingKey()
  makeOnce(file)
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new Failure({
      code: 'config.invalid',
      message: `Others than its owner can read ${file}.`,
      hint: `Type: chmod 600 ${file}`,
    })
  }
  const reference = `file:${file}`
  payloadKey(readSecret(reference))
  return { ...config, temporal: { payloadKey: reference } }
}

/** What is wrong with the key that the config names, or lacks, in words. */
export function payloadKeyProblem({ temporal }: Config): string | null {
  try {
    if (temporal !== undefined) payloadKey(readSecret(temporal.payloadKey))
    else if (temporalAddress() !== null) throw missingKey()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function makeOnce(file: string): void {
  try {
    writeFileSync(file, `${randomBytes(payloadKeyBytes).toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
