// Breaks, judges and heals: the lab's judge stands outside the product and never asks it.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { Failure } from '../domain/failure.ts'
import type { Fault, Target } from './fault.ts'
import { hostPaths } from './paths.ts'
import { collateralOf, Snapshot, takeSnapshot } from './snapshot.ts'
import { type LabState, requireHost } from './state.ts'

/** What the oracle says of one host and one fault. */
export type Verdict = {
  readonly fault: string
  readonly host: string
  /** Nothing of the fault is left. */
  readonly healthy: boolean
  readonly problems: readonly string[]
  /** What differs from before the fault although no repair may touch it. */
  readonly collateral: readonly string[]
}

const faultsFolder = join(import.meta.dirname, 'faults')
const FaultModule = z.looseObject({
  default: z.custom<Fault>((value) => typeof value === 'object' && value !== null && 'judge' in value),
})

/** The names of all faults, one file each. */
export async function faultNames(): Promise<readonly string[]> {
  const files = await readdir(faultsFolder)
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort()
}

export async function loadFault(name: string): Promise<Fault> {
  const names = await faultNames()
  if (!names.includes(name)) {
    throw new Failure({
      code: 'input.not-found',
      message: `The lab knows no fault "${name}".`,
      hint: `It knows: ${names.join(', ')}.`,
    })
  }
  const module: unknown = await import(join(faultsFolder, `${name}.ts`))
  return FaultModule.parse(module).default
}

/** Remembers how the host looks, then breaks it. */
export async function breakHost(state: LabState, faultName: string, hostName: string): Promise<void> {
  const fault = await loadFault(faultName)
  const target = targetOf(state, hostName)
  if (target.host.role !== 'web') {
    throw new Failure({
      code: 'input.usage',
      message: `Faults are for web hosts; ${hostName} watches them.`,
      hint: 'Name one of web-01, web-02, …',
    })
  }
  const record = recordPath(target, faultName)
  await mkdir(join(record, '..'), { recursive: true })
  await writeFile(record, JSON.stringify(await takeSnapshot(target)), { mode: 0o600 })
  await fault.break(target)
}

/** Judges from outside whether the host is well again and nothing else was touched. */
export async function judgeHost(state: LabState, faultName: string, hostName: string): Promise<Verdict> {
  const fault = await loadFault(faultName)
  const target = targetOf(state, hostName)
  const { problems, collateral } = await fault.judge(target)
  const before = await snapshotBefore(target, faultName)
  const beyond = before === undefined ? [] : collateralOf(before, await takeSnapshot(target), fault.mayChange)
  return {
    fault: faultName,
    host: hostName,
    healthy: problems.length === 0,
    problems,
    collateral: [...collateral, ...beyond],
  }
}

/** Heals every fault that `breakHost` left on the host; returns their names. */
export async function healHost(state: LabState, hostName: string): Promise<readonly string[]> {
  const target = targetOf(state, hostName)
  const records = await readdir(join(recordPath(target, ''), '..')).catch(() => [])
  const names = records.map((file) => file.slice(0, -'.json'.length))
  for (const name of names) {
    const fault = await loadFault(name)
    await fault.heal(target)
    await rm(recordPath(target, name))
  }
  return names
}

function targetOf(state: LabState, hostName: string): Target {
  return { state, host: requireHost(state, hostName), root: hostPaths(state.name, hostName).root }
}

function recordPath({ state, host }: Target, faultName: string): string {
  return join(hostPaths(state.name, host.name).folder, 'broken', `${faultName}.json`)
}

async function snapshotBefore(target: Target, faultName: string): Promise<Snapshot | undefined> {
  const text = await readFile(recordPath(target, faultName), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : Snapshot.parse(JSON.parse(text))
}
