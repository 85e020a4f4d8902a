import { mkdir, rm, statfs, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { smallDiskPath } from '../disk.ts'
import type { Fault, Target } from '../fault.ts'
import { diskProblems } from '../logs.ts'
import { webProblems } from '../nginx.ts'

const dayMs = 86_400_000
const oldDays = 9
/** A few stay free, as on a host that still limps. */
const spared = 20

const folderOf = ({ root }: Target): string => join(root, smallDiskPath, 'sessions')

export default {
  summary: 'Thousands of old session files have used up the inodes; there is space, and yet no file can be made.',
  alert: 'HostOutOfInodes',
  clue: /inodesUsedPercent: (?:9\d|100)/,
  ending: { kind: 'repaired', by: ['inode-reclaim'] },
  mayChange: { units: [], ports: [], files: [] },
  break: async (target) => {
    const folder = folderOf(target)
    await mkdir(folder, { recursive: true })
    const { ffree } = await statfs(folder)
    const then = new Date(Date.now() - oldDays * dayMs)
    for (let at = 0; at < ffree - spared; at += 1) {
      const path = join(folder, `sess_${String(at).padStart(5, '0')}`)
      await writeFile(path, '')
      await utimes(path, then, then)
    }
  },
  judge: async (target) => ({
    problems: [...(await diskProblems(target)), ...(await webProblems(target))],
    collateral: [],
  }),
  heal: (target) => rm(folderOf(target), { recursive: true, force: true }),
} satisfies Fault
