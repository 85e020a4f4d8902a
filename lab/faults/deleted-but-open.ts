import { randomBytes } from 'node:crypto'
import { appendFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { smallDiskPath } from '../disk.ts'
import type { Fault, Target } from '../fault.ts'
import { systemctl } from '../inside.ts'
import { deletedButOpen, fileExists } from '../look.ts'
import { diskProblems } from '../logs.ts'
import { nginx, webProblems } from '../nginx.ts'

const log = join(smallDiskPath, 'access.log')
const bytes = 58 * 1024 * 1024

async function problems(target: Target): Promise<readonly string[]> {
  const held = deletedButOpen(target, nginx, smallDiskPath)
  return [
    ...(await diskProblems(target)),
    ...(held.length === 0 ? [] : [`nginx still holds ${held.join(', ')}.`]),
    ...(fileExists(target, log) ? [] : [`${log} does not exist, so nothing is logged.`]),
    ...(await webProblems(target)),
  ]
}

export default {
  summary: 'Somebody deleted the huge log that nginx still holds open: the disk is full and no file shows why.',
  alert: 'HostOutOfDiskSpace',
  clue: /unaccountedPercent: [5-9]\d/,
  ending: { kind: 'repaired', by: ['log-reopen'] },
  mayChange: { units: [nginx], ports: [80], files: [] },
  break: async (target) => {
    await appendFile(join(target.root, log), randomBytes(bytes))
    await rm(join(target.root, log))
  },
  judge: async (target) => ({ problems: await problems(target), collateral: [] }),
  // nginx opens its logs anew at this signal.
  heal: async (target) => {
    await systemctl(target.host, 'kill', '--signal=USR1', '--kill-whom=main', nginx)
  },
} satisfies Fault
