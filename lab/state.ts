// What a lab is, as a file: enough to find, use and take down everything that belongs to it, whoever still lives.
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { Failure } from '../domain/failure.ts'
import { labCache, labFolder } from './paths.ts'
import { lives, ProcessIdentity } from './process.ts'

const HostState = z.strictObject({
  name: z.string(),
  /** `web` serves pages and breaks; `mon` runs Prometheus, Alertmanager and the blackbox exporter. */
  role: z.enum(['web', 'mon']),
  /** Position in the subnet; names links. */
  index: z.int(),
  address: z.string(),
  /** Public host key line for `known_hosts`: type and base64, made before the host started. */
  hostKey: z.string().optional(),
  /** The host's first process (its systemd), seen from this machine. */
  leader: ProcessIdentity.optional(),
})
export type HostState = z.infer<typeof HostState>

const Webhook = z.strictObject({ url: z.url({ protocol: /^https?$/ }), bearerFile: z.string() })

export const LabState = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  /** The third number of `10.213.N.0/24`; names bridge, namespaces and control groups. */
  subnet: z.int(),
  createdAt: z.iso.datetime(),
  /** Read-only layers below every host's own, topmost first. */
  layers: z.array(z.string()).readonly(),
  durationFactor: z.number(),
  webhook: Webhook.optional(),
  hosts: z.array(HostState).readonly(),
  warden: ProcessIdentity.optional(),
  phase: z.enum(['starting', 'up']),
})
export type LabState = z.infer<typeof LabState>

const nameShape = /^[a-z][a-z0-9-]{0,30}$/

/** Refuses a name that could not be a folder, a label and part of a link's name alike. */
export function checkLabName(name: string): void {
  if (nameShape.test(name)) return
  const hint = 'Use small letters, digits and dashes, a letter first, at most 31.'
  throw new Failure({ code: 'input.usage', message: `"${name}" cannot be the name of a lab.`, hint })
}

function statePath(name: string): string {
  return join(labFolder(name), 'state.json')
}

/** Writes the whole state at once; a reader sees the old or the new one. */
export async function writeState(state: LabState): Promise<void> {
  const path = statePath(state.name)
  await mkdir(labFolder(state.name), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, JSON.stringify(state, null, 2), { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** The state of the lab of that name, or undefined when there is none. */
export function readState(name: string): LabState | undefined {
  checkLabName(name)
  let text: string
  try {
    text = readFileSync(statePath(name), 'utf8')
  } catch {
    return undefined
  }
  return LabState.parse(JSON.parse(text))
}

/** The state of a lab that is up; a clear refusal otherwise. */
export function requireState(name: string): LabState {
  const state = readState(name)
  if (state !== undefined && isRunning(state) && state.phase === 'up') return state
  const others = allStates().filter((one) => isRunning(one) && one.phase === 'up')
  const instead = others.length === 0 ? '' : `Running: ${others.map((one) => one.name).join(', ')} (--name NAME). `
  const hint = `${instead}Start one with: npx millwright lab up --hosts 2`
  throw new Failure({ code: 'input.not-found', message: `No lab named "${name}" is running.`, hint })
}

/** The host of that name in the lab, or a refusal that lists the names there are. */
export function requireHost(state: LabState, name: string): HostState {
  const host = state.hosts.find((one) => one.name === name)
  if (host !== undefined) return host
  const names = state.hosts.map((one) => one.name).join(', ')
  throw new Failure({
    code: 'input.not-found',
    message: `The lab "${state.name}" has no host "${name}".`,
    hint: `It has: ${names}.`,
  })
}

/** Whether the process that keeps this lab alive still lives. */
export function isRunning(state: LabState): boolean {
  return state.warden !== undefined && lives(state.warden)
}

/** Every lab that has a state file, running or left over. */
export function allStates(): readonly LabState[] {
  let names: readonly string[]
  try {
    names = readdirSync(join(labCache(), 'labs'))
  } catch {
    return []
  }
  return names.flatMap((name) => (nameShape.test(name) ? (readState(name) ?? []) : []))
}
