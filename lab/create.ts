// Builds a lab from its state: network, trees, hosts, monitoring. Runs in the warden.
import { writeFile } from 'node:fs/promises'
import { bootHost, sshGreets } from './boot.ts'
import { type Cgroups, detectCgroups } from './cgroup.ts'
import { mountTree } from './disk.ts'
import { createKeys, knownHostsPath, writeIdentity } from './identity.ts'
import { writeInventory } from './inventory.ts'
import { startMeters } from './meters.ts'
import { configureMonitor, monitorOf, monitorReady } from './monitor.ts'
import { createNetwork } from './network.ts'
import { type Relay, relayTo } from './relay.ts'
import { type HostState, type LabState, writeState } from './state.ts'

type Context = { readonly signal: AbortSignal; readonly progress: (line: string) => void }

/** A running lab: milliseconds each stage took, and how to stop what runs in this process for it. */
export type Created = { readonly timings: Readonly<Record<string, number>>; readonly close: () => void }

/**
 * Boots everything and resolves when all hosts answer SSH and the monitoring sees them. Leaves half-done work to
 * `removeLab`.
 */
export async function createHosts(state: LabState, { signal, progress }: Context): Promise<Created> {
  const start = performance.now()
  const timings: Record<string, number> = {}
  const mark = (stage: string): void => {
    timings[stage] = Math.round(performance.now() - start)
    signal.throwIfAborted()
  }
  await Promise.all([createNetwork(state), createKeys(state.name)])
  mark('network')
  const relay = state.webhook === undefined ? undefined : await relayTo(state.webhook.url, state.subnet)
  const cgroups = detectCgroups()
  const hosts = await settled(state.hosts.map((host) => startHost(state, host, { cgroups, relay, signal })))
  mark('booting')
  const up: LabState = { ...state, hosts, phase: 'up' }
  const stopMeters = startMeters(up, cgroups)
  const close = (): void => {
    stopMeters()
    relay?.close()
  }
  try {
    await Promise.all(hosts.map((host) => sshGreets(host, signal)))
    mark('ssh')
    progress(`lab: ${String(hosts.length)} hosts answer SSH after ${String(timings['ssh'])} ms`)
    const monitor = hosts.find((host) => host.role === 'mon')
    if (monitor !== undefined) {
      await monitorReady(monitorOf(monitor), targetsOf(hosts), signal)
      mark('monitoring')
      progress(`lab: Prometheus sees every target after ${String(timings['monitoring'])} ms`)
    }
    await writeFile(
      knownHostsPath(state.name),
      hosts.map((host) => `${host.name},${host.address} ${host.hostKey ?? ''}\n`).join(''),
    )
    await writeInventory(up)
    await writeState(up)
    return { timings, close }
  } catch (error) {
    close()
    throw error
  }
}

type Boot = { readonly cgroups: Cgroups; readonly relay: Relay | undefined; readonly signal: AbortSignal }

async function startHost(state: LabState, host: HostState, { cgroups, relay, signal }: Boot): Promise<HostState> {
  await mountTree(state.name, host.name, state.layers, host.role === 'web')
  const hostKey = await writeIdentity(state, host)
  if (host.role === 'mon') await configureMonitor(state, host, relay?.url)
  signal.throwIfAborted()
  const leader = await bootHost(state, host, cgroups)
  return { ...host, hostKey, leader }
}

/** Waits for all before failing, so that nothing is still being made when the lab is taken down. */
async function settled<Value>(promises: readonly Promise<Value>[]): Promise<readonly Value[]> {
  const results = await Promise.allSettled(promises)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

/** Prometheus scrapes each host's node exporter, and each web host's page. */
function targetsOf(hosts: readonly HostState[]): number {
  return hosts.length + hosts.filter((host) => host.role === 'web').length
}
