import { configProblems, mendSite, siteFile, spoilSite } from '../config-file.ts'
import type { Fault } from '../fault.ts'
import { crashUnit, mendUnit, nginx, webProblems } from '../nginx.ts'

export default {
  summary: 'nginx was killed while a bad edit, not yet loaded, waited in its configuration: a restart alone fails.',
  alert: 'HostSystemdServiceCrashed',
  clue: /unknown directive \\*"acme_cache_zone/,
  ending: { kind: 'repaired', by: ['config-restore', 'service-restart'] },
  mayChange: { units: [nginx], ports: [80], files: [siteFile] },
  break: async (target) => {
    await spoilSite(target)
    await crashUnit(target, nginx)
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
