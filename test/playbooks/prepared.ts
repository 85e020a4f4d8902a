// A playbook of the test's own, planned for the lab's host, and what a run of it leaves.
import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { RunPlaybookDeps } from '../../activities/run-playbook.ts'
import type { Plan } from '../../domain/plan.ts'
import type { Launch } from '../../runtime/ansible/launcher.ts'
import { launchSpawned } from '../../runtime/ansible/launch-spawned.ts'
import { createWarmLauncher } from '../../runtime/ansible/launch-warm.ts'
import { openRun, type Opened, runDeps } from '../activities/run-world.ts'
import { type Sample, sampleCatalogue } from './sample.ts'
import type { Trial } from './trial.ts'

export type Driver = 'spawned' | 'warm'
export type Prepared = { readonly deps: RunPlaybookDeps; readonly opened: Opened; readonly dir: string }

const go = async () => ({ verdict: 'auto' as const, rule: { id: 'test', says: 'Go.' }, policies: 'p' })

/** What policy would let run by itself; whether a person was asked is the test's own. */
export const preparing =
  ({ store, fleet }: Trial) =>
  async (
    driver: Driver,
    sample: Sample,
    plan: Partial<Plan> = {},
    change: Partial<RunPlaybookDeps> = {},
  ): Promise<Prepared> => {
    const dir = sampleCatalogue(sample)
    const given = await runDeps(store(), fleet().fleet('web-01'), { playbooksDir: dir, decideAgain: go, ...change })
    const deps = { ...given, launch: launchOf(driver, given.privateDir) }
    const [host] = deps.inventory().hosts
    if (host === undefined) throw new Error('no host')
    return { deps, dir, opened: await openRun(store(), host, plan, dir) }
  }

function launchOf(driver: Driver, privateDir: string): Launch {
  if (driver === 'spawned') return launchSpawned
  const { launch, end } = createWarmLauncher(privateDir)
  onTestFinished(end)
  return launch
}

/** Waits for a process on the host by its command line. */
export async function untilRuns({ inHost }: Trial, command: string): Promise<void> {
  for (let left = 1_200; left > 0; left -= 1) {
    if (await runsOnHost({ inHost }, command)) return
    await sleep(50)
  }
  throw new Error(`${command} never ran on the host`)
}

export const runsOnHost = async ({ inHost }: Pick<Trial, 'inHost'>, command: string): Promise<boolean> =>
  (await inHost('ps', '-eo', 'args')).split('\n').some((line) => line.trim() === command)

/** Processes of this machine that belong to the run, by the folder that they all stand in. */
export function processesOf({ privateDir }: RunPlaybookDeps): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => workingFolder(pid).startsWith(join(privateDir, 'runs')))
}

function workingFolder(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}
