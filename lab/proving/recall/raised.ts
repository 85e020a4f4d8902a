// The alert that a broken host raises, by the lab's rules: what its labels say, and whether its condition holds.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { smallDiskPath } from '../../disk.ts'
import type { Target } from '../../fault.ts'
import { attemptInside } from '../../inside.ts'
import { fullness } from '../../look.ts'
import type { StrangeFault } from '../strange-faults.ts'

/** The blackbox exporter gives up a little sooner. */
const visitMs = 900
/** A rule waits for two failures in a row, and everything for so long at most. */
const [failuresInARow, deadlineMs, pollMs] = [2, 60_000, 250]
const fullPercent = 90
const memoryFile = 'var/lib/prometheus/node-exporter/control-group.prom'

type Raising = Pick<StrangeFault, 'alert' | 'unit'>

export function labelsOf({ alert, unit }: Raising, host: string): Readonly<Record<string, string>> {
  if (alert.startsWith('Blackbox')) return { alertname: alert, instance: `http://${host}/`, job: 'blackbox' }
  const labels = { alertname: alert, instance: `${host}:9100`, job: 'node' }
  if (alert === 'HostSystemdServiceCrashed') return { ...labels, name: unit, state: 'failed' }
  return /DiskSpace|Inodes/.test(alert) ? { ...labels, mountpoint: smallDiskPath } : labels
}

/** Visits the page as the lab's monitoring does. */
export async function isServed({ host }: Target): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host.address}/`, { signal: AbortSignal.timeout(visitMs) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

/** Waits until the condition of the alert holds; false: it never did, so the host is not broken. */
export async function isRaised(raising: Raising, target: Target): Promise<boolean> {
  const deadline = Date.now() + deadlineMs
  let inARow = 0
  while (Date.now() < deadline) {
    inARow = (await holds(raising, target)) ? inARow + 1 : 0
    if (inARow === failuresInARow) return true
    await sleep(pollMs)
  }
  return false
}

async function holds({ alert, unit }: Raising, target: Target): Promise<boolean> {
  switch (alert) {
    case 'HostSystemdServiceCrashed':
      return (await attemptInside(target.host, ['systemctl', 'is-failed', '--quiet', unit])).exitCode === 0
    case 'BlackboxProbeFailed':
      return !(await isServed(target))
    case 'HostOutOfDiskSpace':
      return (await fullness(target, smallDiskPath)).bytes > fullPercent
    case 'HostOutOfMemory':
      return (await memoryUsedPercent(target)) > fullPercent
    default:
      return false
  }
}

async function memoryUsedPercent({ root }: Target): Promise<number> {
  const text = await readFile(join(root, memoryFile), 'utf8')
  const bytes = (name: string): number => Number(new RegExp(`^node_memory_${name}_bytes (\\d+)`, 'm').exec(text)?.[1])
  return 100 * (1 - bytes('MemAvailable') / bytes('MemTotal'))
}
