import { appendFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { smallDiskPath } from '../disk.ts'
import type { Fault } from '../fault.ts'
import { systemctl } from '../inside.ts'
import { diskProblems, removeLogFiles } from '../logs.ts'
import { nginx, webProblems } from '../nginx.ts'

const log = join(smallDiskPath, 'access.log')
/** The alert fires, and a compressed copy still has room. */
const usedShare = 0.91
const line = '198.51.100.7 - - [21/Nov/2026:10:00:00 +0000] "GET /tiles HTTP/1.1" 200 512 "-" "crawler"\n'

export default {
  summary: 'A crawler made one log that is still written grow until it fills most of its disk.',
  alert: 'HostOutOfDiskSpace',
  clue: /largest: "\/var\/log\/nginx\/access\.log"/,
  ending: { kind: 'repaired', by: ['log-rotate-force'] },
  mayChange: { units: [], ports: [], files: [] },
  break: async ({ root }) => {
    const { blocks, bavail, bsize } = await statfs(join(root, smallDiskPath))
    const missing = Math.max(0, bsize * (bavail - blocks * (1 - usedShare)))
    await appendFile(join(root, log), line.repeat(Math.ceil(missing / line.length)))
  },
  judge: async (target) => ({
    problems: [...(await diskProblems(target)), ...(await webProblems(target))],
    collateral: [],
  }),
  // nginx opens its logs anew at this signal.
  heal: async (target) => {
    await removeLogFiles(target, /^access\.log(\.\d+(\.gz)?)?$/)
    await systemctl(target.host, 'kill', '--signal=USR1', '--kill-whom=main', nginx)
  },
} satisfies Fault
