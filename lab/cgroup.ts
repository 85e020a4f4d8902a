// A control group per host, in every hierarchy that counts. Without its own, all hosts share one, and systemd inside
// cannot kill its units.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../domain/failure.ts'
import { bridgeName } from './network.ts'
import { killAll } from './process.ts'

const v1Hierarchies = ['systemd', 'memory', 'pids', 'cpu', 'cpuacct'] as const
const parentGroup = 'millwright'
const killRounds = 100
const killRoundMs = 20

/** Where this machine's control groups are; `v1` covers the hybrid layout too. */
export type Cgroups = {
  readonly version: 'v1' | 'v2'
  /** Mount points in which every host gets a group of its own. */
  readonly mounts: readonly string[]
  /** The cgroup2 mount, if there is one. */
  readonly unified: string | undefined
  /** The mount of a v1 controller (`systemd` for systemd's own hierarchy); on v2 always the one mount. */
  readonly mountOf: (controller: string) => string | undefined
}

/** Reads the machine's layout; detects, never assumes. */
export function detectCgroups(): Cgroups {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
  const unified = mounts.find(([, , type]) => type === 'cgroup2')?.[1]
  const byController = new Map<string, string>()
  for (const [, path, type, options] of mounts) {
    if (type !== 'cgroup' || path === undefined) continue
    for (const option of (options ?? '').split(','))
      byController.set(option === 'name=systemd' ? 'systemd' : option, path)
  }
  if (byController.has('memory')) {
    const wanted = [...v1Hierarchies.map((name) => byController.get(name)), unified]
    const all = new Set(wanted.filter((path) => path !== undefined))
    return { version: 'v1', mounts: [...all], unified, mountOf: (controller) => byController.get(controller) }
  }
  if (unified === undefined) {
    throw new Failure({ code: 'setup.missing', message: 'The lab found no control groups mounted on this machine.' })
  }
  return { version: 'v2', mounts: [unified], unified, mountOf: () => unified }
}

/** A host's group relative to each mount; without a host the lab's. */
export function groupPath(subnet: number, host?: string): string {
  return join(parentGroup, bridgeName(subnet), host ?? '')
}

/** Makes a host's groups. `memoryBytes` is the size of the machine that the host believes to be. */
export function createGroups(cgroups: Cgroups, group: string, memoryBytes: number): void {
  for (const mount of cgroups.mounts) {
    if (cgroups.version === 'v2') delegate(mount, group)
    mkdirSync(join(mount, group), { recursive: true })
  }
  const memory = cgroups.mountOf('memory')
  const file = cgroups.version === 'v1' ? 'memory.limit_in_bytes' : 'memory.max'
  if (memory !== undefined) writeFileSync(join(memory, group, file), String(memoryBytes))
}

/** On v2 a controller works in a group only if each group above hands it down. */
function delegate(mount: string, group: string): void {
  let above = mount
  for (const part of group.split('/')) {
    handDown(above)
    above = join(above, part)
    mkdirSync(above, { recursive: true })
  }
}

/** A group that has processes of its own hands nothing down; only the machine's own root may have both. */
function handDown(folder: string): void {
  try {
    writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory +pids +cpu')
  } catch (cause) {
    throw new Failure({
      code: 'setup.missing',
      message: `The lab can't limit its hosts: the control group ${folder} hands no memory, pids and cpu down.`,
      hint: `In a container type: mkdir -p ${folder}/init && xargs -rn1 < ${folder}/cgroup.procs > ${folder}/init/cgroup.procs`,
      cause,
    })
  }
}

/**
 * Runs `spawn` with this process inside the group, so that what it starts is born there, and returns to where it was.
 * `spawn` must fork before it returns, as Node's does.
 */
export function bornIn<Result>(cgroups: Cgroups, group: string, spawn: () => Result): Result {
  const home = new Map(cgroups.mounts.map((mount) => [mount, ownGroup(cgroups, mount)]))
  const enter = (path: (mount: string) => string): void => {
    for (const mount of cgroups.mounts) writeFileSync(join(mount, path(mount), 'cgroup.procs'), String(process.pid))
  }
  enter(() => group)
  try {
    return spawn()
  } finally {
    enter((mount) => home.get(mount) ?? '/')
  }
}

function ownGroup(cgroups: Cgroups, mount: string): string {
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const [, names = '', ...path] = line.split(':')
    const isHere =
      names === '' ? mount === cgroups.unified : names.split(',').some((name) => cgroups.mountOf(name) === mount)
    if (isHere) return path.join(':')
  }
  return '/'
}

/** Every process in the group and below, in any hierarchy. */
export function processesOf(cgroups: Cgroups, group: string): readonly number[] {
  const found = new Set<number>()
  for (const mount of cgroups.mounts) {
    for (const folder of foldersBelow(join(mount, group))) {
      for (const pid of readLines(join(folder, 'cgroup.procs'))) found.add(Number(pid))
    }
  }
  return [...found]
}

/** Kills everything in the group and removes it from every hierarchy; throws when something does not die. */
export async function removeGroups(cgroups: Cgroups, group: string): Promise<void> {
  for (let round = 0; ; round += 1) {
    const left = processesOf(cgroups, group).filter((pid) => pid !== process.pid)
    if (left.length === 0) break
    if (round === killRounds) {
      const message = `The lab could not end ${String(left.length)} processes of its control group ${group}.`
      throw new Failure({ code: 'upstream.unavailable', message, hint: `They are: ${left.slice(0, 10).join(' ')}` })
    }
    killAll(left)
    await sleep(killRoundMs)
  }
  for (const mount of cgroups.mounts)
    for (const folder of foldersBelow(join(mount, group)).toReversed()) removeGroup(folder)
}

/** Removes the folders that all labs share, where no other lab uses them. */
export function removeParentGroups(cgroups: Cgroups): void {
  for (const mount of cgroups.mounts) {
    const folder = join(mount, parentGroup)
    if (existsSync(folder)) removeGroup(folder)
  }
}

function removeGroup(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // Not empty: another lab's groups are in there.
  }
}

/** The folder and all below, parents first. */
function foldersBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return [folder, ...inside.flatMap((entry) => foldersBelow(join(folder, entry.name)))]
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  } catch {
    return []
  }
}
