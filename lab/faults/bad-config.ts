import { configProblems, mendSite, siteFile, spoilSite } from '../config-file.ts'
import type { Fault } from '../fault.ts'
import { attemptInside } from '../inside.ts'
import { mendUnit, nginx, unitBecomes, webProblems } from '../nginx.ts'

export default {
  summary: 'A bad edit of its configuration kept nginx from starting again.',
  alert: 'HostSystemdServiceCrashed',
  clue: /unknown directive \\*"acme_cache_zone/,
  ending: { kind: 'repaired', by: ['config-restore'] },
  mayChange: { units: [nginx], ports: [80], files: [siteFile] },
  break: async (target) => {
    await spoilSite(target)
    await attemptInside(target.host, ['systemctl', 'restart', nginx])
    await unitBecomes(target, nginx, 'failed')
  },
  judge: async (target) => ({
    problems: [...(await configProblems(target)), ...(await webProblems(target))],
    collateral: [],
  }),
  heal: async (target) => {
    await mendSite(target)
    await mendUnit(target, nginx)
  },
} satisfies Fault
