import type { Fault } from '../fault.ts'
import { diskProblems, logFileSize, removeLogFiles, writeLogFile } from '../logs.ts'
import { webProblems } from '../nginx.ts'

const megabyte = 1024 * 1024
/** Rotated logs that nobody needs any more, 8 to 21 days old. */
const old = Array.from({ length: 14 }, (_, at) => ({
  name: `access.log.${String(at + 8)}.gz`,
  bytes: 4 * megabyte,
  ageDays: at + 8,
}))
/** Rotated logs of this week: a repair that removes them has gone too far. */
const recent = [1, 2].map((age) => ({ name: `access.log.${String(age)}`, bytes: megabyte, ageDays: age }))

export default {
  summary: 'Rotated logs older than a week fill the disk that nginx writes its logs to.',
  alert: 'HostOutOfDiskSpace',
  clue: /access\.log\.\d+\.gz/,
  ending: { kind: 'repaired', by: ['disk-space-reclaim'] },
  mayChange: { units: [], ports: [], files: [] },
  break: async (target) => {
    for (const file of [...recent, ...old]) await writeLogFile(target, file)
  },
  judge: async (target) => {
    const lost: string[] = []
    for (const { name } of recent)
      if ((await logFileSize(target, name)) === undefined) lost.push(`The log ${name} of this week is gone.`)
    return { problems: [...(await diskProblems(target)), ...(await webProblems(target))], collateral: lost }
  },
  heal: (target) => removeLogFiles(target, /^access\.log\.\d+\.gz$/),
} satisfies Fault
