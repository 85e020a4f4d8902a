// Starts a lab on given layers and hands it over as one object.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'
import type { Progress } from './base.ts'
import { removeLeftovers, takeDown } from './down.ts'
import { authorityKeyPath, knownHostsPath, operatorKeyPath, readKeyPath } from './identity.ts'
import { inventoryPath } from './inventory.ts'
import { withLock } from './lock.ts'
import { FromWarden, type ToWarden } from './messages.ts'
import { type Monitor, monitorOf } from './monitor.ts'
import { freeSubnet, gatewayAddress, hostAddress } from './network.ts'
import { hostPaths, labCache, labFolder } from './paths.ts'
import { identify, type ProcessIdentity } from './process.ts'
import { defaultDurationFactor } from './rules.ts'
import { checkWatches } from './watches.ts'
import {
  allStates,
  checkLabName,
  type HostState,
  isRunning,
  type LabState,
  readState,
  requireState,
  writeState,
} from './state.ts'

const maxHosts = 20
const registryWaitMs = 120_000
const warden = join(import.meta.dirname, 'warden.ts')

export type StartLabOptions = {
  /** Web hosts, `web-01` and on; the monitoring host `mon-01` comes on top. */
  readonly hosts: number
  /** What the lab is called; a random name when it is left out, so that labs can stand side by side. */
  readonly name?: string
  /** Without `mon-01` there are no alerts, and the lab is up a little sooner. */
  readonly monitoring?: boolean
  /** Without this the hosts are as Debian and the team made them: Millwright has no account there. */
  readonly onboarded?: boolean
  /** By how much every duration of the alert rules is divided. */
  readonly durationFactor?: number
  /** Where Alertmanager posts, and the file that holds the bearer token it shows there. */
  readonly webhook?: { readonly url: string; readonly bearerFile: string }
  readonly progress?: Progress
}

/** The read-only layers to boot from, topmost first. */
type Layers = readonly string[]

export type LabHost = {
  readonly name: string
  readonly role: 'web' | 'mon'
  readonly address: string
  /** Public host keys, type and base64, as they must be pinned. */
  readonly hostKeys: readonly string[]
  /** The host's file tree as this machine sees it. */
  readonly root: string
  /** The host's first process as this machine sees it. */
  readonly leaderPid: number
}

export type Lab = {
  readonly name: string
  readonly hosts: readonly LabHost[]
  readonly monitor: Monitor | undefined
  readonly durationFactor: number
  /** Millwright's inventory of the web hosts. */
  readonly inventoryPath: string
  /** OpenSSH's list of the hosts' keys, and the key of the lab's operator, who is root on them. */
  readonly knownHostsPath: string
  readonly operatorKeyPath: string
  /**
   * Private keys that let Millwright in: of its reading account, and of the authority that signs each run's own key.
   */
  readonly readKeyPath: string
  readonly authorityKeyPath: string
  /** This machine's address as the hosts see it. */
  readonly sourceAddress: string
  /** Milliseconds from the warden's start to the end of each stage. */
  readonly timings: Readonly<Record<string, number>>
  /** Takes the lab down and resolves when nothing of it is left. */
  readonly stop: () => Promise<void>
}

/**
 * Boots real hosts and resolves when they answer and are watched. The lab ends with this process, however that ends,
 * unless it is `release`d. Leftovers of labs whose owner vanished are removed first.
 */
export async function startOn(layers: Layers, options: StartLabOptions): Promise<Lab> {
  const { child, state } = await launch(layers, options)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const timings = await untilUp(child, options.progress ?? (() => undefined))
  const stop = async (): Promise<void> => {
    child.ref()
    if (child.connected) child.send({ say: 'stop' } satisfies ToWarden)
    await exited
    // Nothing is left to do unless the warden itself was killed.
    await takeDown(state.name)
  }
  return { ...describeLab(requireState(state.name)), timings, stop }
}

/** Boots a lab that outlives this process, until `lab down`. */
export async function startLastingOn(layers: Layers, options: StartLabOptions): Promise<Omit<Lab, 'stop'>> {
  const { child, state } = await launch(layers, options)
  const timings = await untilUp(child, options.progress ?? (() => undefined))
  await new Promise((resolve) => child.send({ say: 'release' } satisfies ToWarden, resolve))
  child.disconnect()
  child.unref()
  return { ...describeLab(requireState(state.name)), timings }
}

/** What a running lab's state says, in the form that its users need. */
export function describeLab(state: LabState): Omit<Lab, 'stop' | 'timings'> {
  const monitor = state.hosts.find((host) => host.role === 'mon')
  return {
    name: state.name,
    hosts: state.hosts.map((host) => describeHost(state, host)),
    monitor: monitor === undefined ? undefined : monitorOf(monitor),
    durationFactor: state.durationFactor,
    inventoryPath: inventoryPath(state.name),
    knownHostsPath: knownHostsPath(state.name),
    operatorKeyPath: operatorKeyPath(state.name),
    readKeyPath: readKeyPath(state.name),
    authorityKeyPath: authorityKeyPath(state.name),
    sourceAddress: gatewayAddress(state.subnet),
  }
}

function describeHost(state: LabState, { name, role, address, hostKey, leader }: HostState): LabHost {
  const hostKeys = hostKey === undefined ? [] : [hostKey]
  return { name, role, address, hostKeys, root: hostPaths(state.name, name).root, leaderPid: leader?.pid ?? 0 }
}

type Launched = { readonly child: ChildProcess; readonly state: LabState }

/** Under the registry's lock, so that two labs never take the same subnet, and no state is ever without its warden. */
async function launch(layers: Layers, options: StartLabOptions): Promise<Launched> {
  if (!Number.isInteger(options.hosts) || options.hosts < 1 || options.hosts > maxHosts) {
    throw new Failure({
      code: 'input.usage',
      message: `A lab has 1 to ${String(maxHosts)} web hosts, not ${String(options.hosts)}.`,
    })
  }
  const name = options.name ?? `lab-${randomBytes(3).toString('hex')}`
  checkLabName(name)
  const progress = options.progress ?? (() => undefined)
  await mkdir(labCache(), { recursive: true })
  return withLock({ path: join(labCache(), 'registry.lock'), waitMs: registryWaitMs }, async () => {
    const removed = await removeLeftovers()
    if (removed.length > 0) progress(`lab: removed what was left of ${removed.join(', ')}`)
    const running = readState(name)
    if (running !== undefined && isRunning(running)) {
      throw new Failure({
        code: 'input.usage',
        message: `A lab named "${name}" is already running.`,
        hint: `Stop it with: millwright lab down --name ${name}`,
      })
    }
    await checkWatches(options.hosts)
    const subnet = await freeSubnet(new Set(allStates().map((state) => state.subnet)))
    const state = planLab(options, { name, subnet, layers })
    await writeState(state)
    const { child, identity } = spawnWarden(name)
    await writeState({ ...state, warden: identity })
    child.send({ say: 'start' } satisfies ToWarden)
    return { child, state }
  })
}

function planLab(
  options: StartLabOptions,
  { name, subnet, layers }: { name: string; subnet: number; layers: Layers },
): LabState {
  const mon = options.monitoring === false ? [] : [{ name: 'mon-01', role: 'mon' as const, index: 0 }]
  const web = Array.from({ length: options.hosts }, (_, at) => ({
    name: `web-${String(at + 1).padStart(2, '0')}`,
    role: 'web' as const,
    index: at + 1,
  }))
  return {
    version: 1,
    name,
    subnet,
    createdAt: new Date().toISOString(),
    layers,
    durationFactor: options.durationFactor ?? defaultDurationFactor,
    ...(options.webhook === undefined ? {} : { webhook: options.webhook }),
    hosts: [...web, ...mon].map((host) => ({ ...host, address: hostAddress(subnet, host.index) })),
    phase: 'starting',
  }
}

function spawnWarden(name: string): { readonly child: ChildProcess; readonly identity: ProcessIdentity } {
  const log = openSync(join(labFolder(name), 'warden.log'), 'a', 0o600)
  const child = spawn(process.execPath, [warden, name], { detached: true, stdio: ['ignore', log, log, 'ipc'] })
  closeSync(log)
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  if (identity === undefined)
    throw new Failure({ code: 'setup.missing', message: 'The lab could not start the process that keeps it.' })
  return { child, identity }
}

/** Rejects only when the warden has cleaned up and ended, so that a caller may try again at once. */
function untilUp(child: ChildProcess, progress: Progress): Promise<Readonly<Record<string, number>>> {
  return new Promise((resolve, reject) => {
    let failure = new Failure({
      code: 'upstream.unavailable',
      message: 'The process that keeps the lab ended before the lab was up.',
    })
    child.on('message', (raw) => {
      const message = FromWarden.parse(raw)
      if (message.say === 'progress') progress(message.line)
      else if (message.say === 'failed') failure = new Failure(message.failure)
      else {
        // From here on the lab must not keep its owner from ending.
        child.unref()
        child.channel?.unref()
        resolve(message.timings)
      }
    })
    child.once('exit', () => reject(failure))
  })
}
