// Boots one host and finds its first process.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../domain/failure.ts'
import { bornIn, type Cgroups, createGroups, groupPath } from './cgroup.ts'
import { namespaceName } from './network.ts'
import { hostPaths } from './paths.ts'
import { identify, type ProcessIdentity } from './process.ts'
import type { HostState, LabState } from './state.ts'

const megabyte = 1024 * 1024
/** What a host believes its memory to be; its group cannot use more. */
const memoryBytes = { web: 512 * megabyte, mon: 1024 * megabyte } as const
// Twenty hosts on a busy machine of two cores need most of a minute.
const bootTimeoutMs = 120_000
/** A busy host greets late; whoever gives up on it each second is never greeted. */
const greetingMs = 15_000
const pollMs = 5

/** Starts the host and returns its first process as soon as there is one; the host is still booting then. */
export async function bootHost(state: LabState, host: HostState, cgroups: Cgroups): Promise<ProcessIdentity> {
  const group = groupPath(state.subnet, host.name)
  createGroups(cgroups, group, memoryBytes[host.role])
  const paths = hostPaths(state.name, host.name)
  const console = openSync(paths.console, 'a', 0o600)
  // A host must not outlive the process that keeps the lab, however that one ends.
  const argv = ['--pdeathsig', 'KILL', 'systemd-nspawn', '--register=no', '--keep-unit', '--quiet', '--link-journal=no']
  const isolation = [
    `--network-namespace-path=/run/netns/${namespaceName(state.subnet, host.name)}`,
    `--machine=${host.name}`,
  ]
  const place = ['--directory', paths.root, '--resolv-conf=off', '--timezone=off', '--kill-signal=SIGRTMIN+3']
  const child = bornIn(cgroups, group, () =>
    spawn('setpriv', [...argv, ...isolation, ...place, '/usr/local/sbin/lab-init'], {
      detached: true,
      stdio: ['ignore', console, console],
    }),
  )
  closeSync(console)
  child.on('error', () => undefined)
  if (child.pid === undefined) {
    throw new Failure({
      code: 'setup.missing',
      message: 'The lab could not start systemd-nspawn.',
      hint: 'Type: apt-get install systemd-container',
    })
  }
  return leaderOf(child.pid, host, paths.console)
}

/** The child of the container manager that is process 1 in its own namespace. */
async function leaderOf(manager: number, host: HostState, console: string): Promise<ProcessIdentity> {
  const deadline = Date.now() + bootTimeoutMs
  while (Date.now() < deadline && identify(manager) !== undefined) {
    for (const pid of childrenOf(manager)) {
      const inner = /^NSpid:\t\d+\t1$/m.test(readOr(join('/proc', String(pid), 'status')))
      const identity = inner ? identify(pid) : undefined
      if (identity !== undefined) return identity
    }
    await sleep(pollMs)
  }
  const said = readOr(console).trim().slice(-500)
  throw new Failure({
    code: 'upstream.unavailable',
    message: `The lab's host ${host.name} did not start: ${said}`,
    hint: `Its console is ${console}.`,
  })
}

function childrenOf(pid: number): readonly number[] {
  return readOr(`/proc/${String(pid)}/task/${String(pid)}/children`)
    .split(' ')
    .filter((part) => part !== '')
    .map(Number)
}

/** Waits until an SSH server greets at the address. */
export async function sshGreets(host: HostState, signal: AbortSignal): Promise<void> {
  const start = performance.now()
  while (performance.now() - start < bootTimeoutMs && !signal.aborted) {
    if (await greeting(host.address)) return
    await sleep(pollMs * 4)
  }
  throw new Failure({
    code: 'host.timeout',
    message: `The lab's host ${host.name} did not answer SSH in ${String(bootTimeoutMs / 1000)} s.`,
  })
}

function greeting(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: greetingMs })
    const done = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('data', (data) => done(data.toString('latin1').startsWith('SSH-2.0')))
    for (const event of ['error', 'timeout', 'close'] as const) socket.once(event, () => done(false))
  })
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
