// The web server of the lab's hosts: how it is crashed, how it is mended, and when it is well.
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../domain/failure.ts'
import type { Target } from './fault.ts'
import { attemptInside, systemctl } from './inside.ts'
import { listeningPorts, servesPage, unitProcesses } from './look.ts'
import { killAll } from './process.ts'

export const nginx = 'nginx.service'
const settleMs = 60_000
const pollMs = 10

/** Kills every process of a unit at once, as a crash would, and waits until systemd has noticed. */
export async function crashUnit(target: Target, unit: string): Promise<void> {
  killAll(unitProcesses(target, unit))
  await unitBecomes(target, unit, 'failed')
}

/** Waits for a unit's active state. */
export async function unitBecomes({ host }: Target, unit: string, wanted: 'active' | 'failed'): Promise<void> {
  const deadline = Date.now() + settleMs
  for (;;) {
    const { stdout } = await attemptInside(host, ['systemctl', 'is-active', unit])
    if (stdout.trim() === wanted) return
    if (Date.now() > deadline) {
      throw new Failure({
        code: 'host.timeout',
        message: `The unit ${unit} of ${host.name} is ${stdout.trim()} and did not become ${wanted}.`,
      })
    }
    await sleep(pollMs)
  }
}

/** Waits until something listens on a TCP port of the host. */
export async function portIsTaken(target: Target, port: number): Promise<void> {
  const deadline = Date.now() + settleMs
  while (!listeningPorts(target).includes(port)) {
    if (Date.now() > deadline) {
      throw new Failure({ code: 'host.timeout', message: `Nothing listens on port ${port} of ${target.host.name}.` })
    }
    await sleep(pollMs)
  }
}

/** Starts a unit whatever systemd counted against it before. */
export async function mendUnit({ host }: Target, unit: string): Promise<void> {
  await attemptInside(host, ['systemctl', 'reset-failed', unit])
  await systemctl(host, 'start', unit)
}

/** What keeps the host from serving its page; empty when it is well. */
export async function webProblems(target: Target): Promise<readonly string[]> {
  const problems: string[] = []
  if (unitProcesses(target, nginx).length === 0) problems.push('No process of nginx.service runs.')
  if (!listeningPorts(target).includes(80)) problems.push('Nothing listens on port 80.')
  if (!(await servesPage(target))) problems.push('The page is not served.')
  return problems
}
