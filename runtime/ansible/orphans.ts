// What a killed process of ours left: Ansible and connections that live on without anybody who watches them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { endGroup } from './control-group.ts'
import { inFolder, removeRunFolder, runsFolder } from './run-folder.ts'

const Group = z.object({ path: z.string().regex(/\/millwright-run_[0-9a-f-]{36}$/) })

/**
 * Ends every process of runs whose folder is still here, then removes the folders. Called before anything else touches
 * a host; no run of this process may live yet. Returns the runs of which something could not be ended.
 */
export async function endOrphans(privateDir: string): Promise<readonly string[]> {
  const runs = foldersIn(runsFolder(privateDir))
  const left = await Promise.all(
    runs.map(async (run) => ((await settle(join(runsFolder(privateDir), run))) ? [] : [run])),
  )
  return left.flat()
}

async function settle(folder: string): Promise<boolean> {
  const group = groupOf(folder)
  if (group !== null && !(await endGroup(group))) return false
  removeRunFolder(folder)
  return true
}

function groupOf(folder: string): z.output<typeof Group> | null {
  try {
    return Group.parse(JSON.parse(readFileSync(join(folder, inFolder.group), 'utf8')))
  } catch {
    // Killed before the group was written down: nothing is started before that.
    return null
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    // No run was ever carried out by this process.
    return []
  }
}
