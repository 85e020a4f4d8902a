import type { Fault } from '../fault.ts'
import { crashUnit, mendUnit, nginx, webProblems } from '../nginx.ts'

export default {
  summary: 'nginx was killed; systemd does not start it again by itself.',
  alert: 'HostSystemdServiceCrashed',
  clue: /result: "signal"/,
  ending: { kind: 'repaired', by: ['service-restart'] },
  mayChange: { units: [nginx], ports: [80], files: [] },
  break: (target) => crashUnit(target, nginx),
  judge: async (target) => ({ problems: await webProblems(target), collateral: [] }),
  heal: (target) => mendUnit(target, nginx),
} satisfies Fault
