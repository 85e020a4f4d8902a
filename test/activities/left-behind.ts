// What a run may have left on this machine.
import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { RunPlaybookDeps } from '../../activities/run-playbook.ts'

type Place = Pick<RunPlaybookDeps, 'privateDir'>

/** Descriptors of this process that lead into its private folder. */
export function openIn({ privateDir }: Place): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return [readlinkSync(join('/proc/self/fd', name))].filter((path) => path.startsWith(privateDir))
    } catch {
      // The descriptor by which the list itself was read.
      return []
    }
  })
}

/** Folders of runs. */
export function leftovers({ privateDir }: Place): readonly string[] {
  try {
    return readdirSync(join(privateDir, 'runs'))
  } catch {
    return []
  }
}
