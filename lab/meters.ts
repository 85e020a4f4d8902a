// Memory, CPU and out-of-memory kills of each host, from its control group into its own node exporter's text-file
// collector. Inside a namespace `/proc` shows the machine's, and those alerts would fire for all hosts or for none.
import { closeSync, constants, openSync, readFileSync, readSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Cgroups, groupPath } from './cgroup.ts'
import { hostPaths } from './paths.ts'
import type { HostState, LabState } from './state.ts'

const everyMs = 500
const textFolder = 'var/lib/prometheus/node-exporter'
const clockTicks = 100
const kernelRecordBytes = 8192
const recordsPerRound = 1000

/** Starts feeding all hosts; call the result to stop. */
export function startMeters(state: LabState, cgroups: Cgroups): () => void {
  const kernel = openKernelLog()
  const kills = new Map<string, number>()
  const started = Date.now()
  const round = (): void => {
    for (const line of kernel.newLines()) {
      const victim = state.hosts.find((host) => line.includes(`task_memcg=/${groupPath(state.subnet, host.name)}/`))
      if (victim !== undefined) kills.set(victim.name, (kills.get(victim.name) ?? 0) + 1)
    }
    for (const host of state.hosts) {
      const oomKills = kernel.readable ? (kills.get(host.name) ?? 0) : undefined
      write(
        state,
        host,
        metersText(cgroups, groupPath(state.subnet, host.name), { elapsedMs: Date.now() - started, oomKills }),
      )
    }
  }
  round()
  const timer = setInterval(round, everyMs)
  return () => {
    clearInterval(timer)
    kernel.close()
  }
}

function write(state: LabState, host: HostState, text: string): void {
  const path = join(hostPaths(state.name, host.name).root, textFolder, 'control-group.prom')
  try {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  } catch {
    // The tree is being taken down, or the fault under test took the disk away.
  }
}

function metersText(
  cgroups: Cgroups,
  group: string,
  { elapsedMs, oomKills }: { elapsedMs: number; oomKills: number | undefined },
): string {
  const { total, used, reclaimable } = memoryOf(cgroups, group)
  const cpu = cpuOf(cgroups, group)
  const idle = Math.max(0, (elapsedMs / 1000) * availableParallelism() - cpu.user - cpu.system)
  const lines = [
    '# TYPE node_memory_MemTotal_bytes gauge',
    `node_memory_MemTotal_bytes ${String(total)}`,
    '# TYPE node_memory_MemFree_bytes gauge',
    `node_memory_MemFree_bytes ${String(total - used)}`,
    '# TYPE node_memory_MemAvailable_bytes gauge',
    `node_memory_MemAvailable_bytes ${String(total - used + reclaimable)}`,
    '# TYPE node_cpu_seconds_total counter',
    ...Object.entries({ ...cpu, idle }).map(
      ([mode, seconds]) => `node_cpu_seconds_total{cpu="0",mode="${mode}"} ${String(seconds)}`,
    ),
  ]
  const kills =
    oomKills === undefined ? [] : ['# TYPE node_vmstat_oom_kill counter', `node_vmstat_oom_kill ${String(oomKills)}`]
  return [...lines, ...kills, ''].join('\n')
}

type Memory = { readonly total: number; readonly used: number; readonly reclaimable: number }

function memoryOf(cgroups: Cgroups, group: string): Memory {
  const folder = join(cgroups.mountOf('memory') ?? '', group)
  const v1 = cgroups.version === 'v1'
  const total = Number(textOf(join(folder, v1 ? 'memory.limit_in_bytes' : 'memory.max')))
  const used = Number(textOf(join(folder, v1 ? 'memory.usage_in_bytes' : 'memory.current')))
  const reclaimable = fieldOf(join(folder, 'memory.stat'), v1 ? 'total_inactive_file' : 'inactive_file')
  return { total, used: Math.min(used, total), reclaimable: Math.min(reclaimable, used) }
}

function cpuOf(cgroups: Cgroups, group: string): { readonly user: number; readonly system: number } {
  if (cgroups.version === 'v1') {
    const path = join(cgroups.mountOf('cpuacct') ?? '', group, 'cpuacct.stat')
    return { user: fieldOf(path, 'user') / clockTicks, system: fieldOf(path, 'system') / clockTicks }
  }
  const path = join(cgroups.mountOf('cpu') ?? '', group, 'cpu.stat')
  return { user: fieldOf(path, 'user_usec') / 1e6, system: fieldOf(path, 'system_usec') / 1e6 }
}

function fieldOf(path: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(textOf(path))?.[1] ?? 0)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** A unit's own counter vanishes with its group, within milliseconds of the kill; the kernel's line stays. */
function openKernelLog(): {
  readonly readable: boolean
  readonly newLines: () => readonly string[]
  readonly close: () => void
} {
  let file: number
  try {
    file = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return { readable: false, newLines: () => [], close: () => undefined }
  }
  const newLines = (): readonly string[] => readRecords(file)
  // What the kernel said before this lab is not about it, though the names may be the same.
  while (newLines().length > 0);
  return { readable: true, newLines, close: () => closeSync(file) }
}

function readRecords(file: number): readonly string[] {
  const buffer = Buffer.alloc(kernelRecordBytes)
  const lines: string[] = []
  while (lines.length < recordsPerRound) {
    try {
      lines.push(buffer.toString('utf8', 0, readSync(file, buffer)))
    } catch (error) {
      // EPIPE: the oldest records were overwritten before they were read; the next read goes on after them.
      if (error instanceof Error && 'code' in error && error.code === 'EPIPE') continue
      break
    }
  }
  return lines
}
