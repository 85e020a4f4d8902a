// The oracle's eyes: a host's files, processes and ports as this machine sees them from outside.
import { existsSync, readFileSync, readlinkSync, readdirSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { detectCgroups, groupPath, processesOf } from './cgroup.ts'
import type { Target } from './fault.ts'
import { attemptInside } from './inside.ts'

const requestTimeoutMs = 3000
const listenState = '0A'

/** Ids, on this machine, of the processes that belong to a unit of the host. */
export function unitProcesses({ state, host }: Target, unit: string): readonly number[] {
  const cgroups = detectCgroups()
  const group = groupPath(state.subnet, host.name)
  // The container manager of a v2 machine puts the host one group deeper.
  return [group, join(group, 'payload')].flatMap((parent) => processesOf(cgroups, join(parent, 'system.slice', unit)))
}

/** TCP ports on which something listens inside the host, whatever the address. */
export function listeningPorts({ host }: Target): readonly number[] {
  const leader = String(host.leader?.pid ?? 0)
  const lines = ['tcp', 'tcp6'].flatMap((table) => textOf(`/proc/${leader}/net/${table}`).split('\n').slice(1))
  const ports = lines.flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/)
    return state === listenState ? [Number.parseInt(local.split(':').at(-1) ?? '', 16)] : []
  })
  return [...new Set(ports)].sort((one, other) => one - other)
}

/** Whether the host serves the lab's page to a visitor from outside. */
export async function servesPage({ host }: Target): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host.address}/`, { signal: AbortSignal.timeout(requestTimeoutMs) })
    return answer.ok && (await answer.text()).includes('The lab serves this page.')
  } catch {
    return false
  }
}

/** Whether the team's application answers on the host's own loopback. */
export async function applicationAnswers({ host }: Target): Promise<boolean> {
  const asked = await attemptInside(host, ['curl', '--silent', '--fail', '--max-time', '3', 'http://127.0.0.1:8080/'])
  return asked.exitCode === 0 && asked.stdout.includes('acme-app is well')
}

/** How full the file system at that path of the host is, in percent of bytes and of inodes. */
export async function fullness(
  { root }: Target,
  path: string,
): Promise<{ readonly bytes: number; readonly inodes: number }> {
  const { blocks, bavail, files, ffree } = await statfs(join(root, path))
  return { bytes: 100 * (1 - bavail / blocks), inodes: 100 * (1 - ffree / files) }
}

/** Files that a unit's processes hold open though they are deleted, below that path of the host. */
export function deletedButOpen(target: Target, unit: string, path: string): readonly string[] {
  const held = unitProcesses(target, unit).flatMap((pid) => openFiles(pid))
  return [...new Set(held.filter((file) => file.startsWith(path) && file.endsWith(' (deleted)')))]
}

function openFiles(pid: number): readonly string[] {
  const folder = `/proc/${String(pid)}/fd`
  try {
    return readdirSync(folder).flatMap((entry) => {
      try {
        return [readlinkSync(join(folder, entry))]
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}

export function fileExists({ root }: Target, path: string): boolean {
  return existsSync(join(root, path))
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
