import { application, applicationProblems, outgrowMemory } from '../application.ts'
import type { Fault } from '../fault.ts'
import { mendUnit, unitBecomes } from '../nginx.ts'

export default {
  summary: "The kernel killed the team's application because it outgrew its unit's memory limit.",
  alert: 'HostSystemdServiceCrashed',
  clue: /oom-kill|killed: true|mainKilled: true/,
  ending: { kind: 'repaired', by: ['service-restart'] },
  mayChange: { units: [application], ports: [8080], files: [] },
  break: async (target) => {
    await outgrowMemory(target)
    await unitBecomes(target, application, 'failed')
  },
  judge: async (target) => ({ problems: await applicationProblems(target), collateral: [] }),
  heal: (target) => mendUnit(target, application),
} satisfies Fault
