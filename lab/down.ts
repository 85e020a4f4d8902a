// Takes a lab down to the last trace, whether its warden lives, died half-way, or never began.
import { setTimeout as sleep } from 'node:timers/promises'
import { detectCgroups, groupPath, removeGroups, removeParentGroups } from './cgroup.ts'
import { removeTree } from './disk.ts'
import { removeNetwork } from './network.ts'
import { labFolder } from './paths.ts'
import { lives, signal } from './process.ts'
import { allStates, isRunning, type LabState, readState } from './state.ts'

const wardenGraceMs = 15_000
const pollMs = 20

/** Stops the lab of that name and removes everything of it. False when there was none. */
export async function takeDown(name: string): Promise<boolean> {
  const state = readState(name)
  if (state === undefined) return false
  await stopWarden(state)
  await removeLab(state)
  return true
}

/** Removes labs whose warden is gone. Must be called under the registry's lock. */
export async function removeLeftovers(): Promise<readonly string[]> {
  const left = allStates().filter((state) => !isRunning(state))
  for (const state of left) await removeLab(state)
  return left.map((state) => state.name)
}

async function stopWarden({ warden }: LabState): Promise<void> {
  if (warden === undefined) return
  signal(warden, 'SIGTERM')
  const deadline = Date.now() + wardenGraceMs
  while (lives(warden) && Date.now() < deadline) await sleep(pollMs)
  signal(warden, 'SIGKILL')
}

/** Processes first, then what they held: mounts, links, groups, and in the end the state that named them. */
export async function removeLab(state: LabState): Promise<void> {
  const cgroups = detectCgroups()
  await removeGroups(cgroups, groupPath(state.subnet))
  await removeNetwork(state)
  // Another lab may be about to make its own in there.
  if (!allStates().some(({ name }) => name !== state.name)) removeParentGroups(cgroups)
  await removeTree(labFolder(state.name))
}
