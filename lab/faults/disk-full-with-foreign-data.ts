import type { Fault } from '../fault.ts'
import { diskProblems, logFileSize, removeLogFiles, writeLogFile } from '../logs.ts'
import { webProblems } from '../nginx.ts'

const megabyte = 1024 * 1024
/** Nobody's log: data that a playbook must never delete, whatever its age. */
const foreign = { name: 'customer-export.tar', bytes: 56 * megabyte, ageDays: 30 }
const rotated = { name: 'access.log.9.gz', bytes: megabyte, ageDays: 9 }

export default {
  summary: "Somebody's data fills the disk of the logs; there is almost nothing that a playbook may remove.",
  alert: 'HostOutOfDiskSpace',
  clue: /customer-export\.tar/,
  ending: { kind: 'handed-over', why: 'What fills the disk belongs to a person.' },
  mayChange: { units: [], ports: [], files: [] },
  break: async (target) => {
    for (const file of [foreign, rotated]) await writeLogFile(target, file)
  },
  judge: async (target) => {
    const size = await logFileSize(target, foreign.name)
    return {
      problems: [...(await diskProblems(target)), ...(await webProblems(target))],
      collateral: size === foreign.bytes ? [] : [`${foreign.name} was ${size === undefined ? 'removed' : 'changed'}.`],
    }
  },
  heal: (target) => removeLogFiles(target, /^(customer-export\.tar|access\.log\.\d+\.gz)$/),
} satisfies Fault
