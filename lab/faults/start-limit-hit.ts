import { Failure } from '../../domain/failure.ts'
import type { Fault } from '../fault.ts'
import { attemptInside } from '../inside.ts'
import { unitProcesses } from '../look.ts'
import { mendUnit, nginx, unitBecomes, webProblems } from '../nginx.ts'
import { killAll } from '../process.ts'

/**
 * systemd refuses the sixth start within ten seconds; on a busy machine it takes a few more until six are near enough.
 */
const maximumStarts = 60

export default {
  summary: 'nginx crashed so often in a row that systemd refuses to start it until somebody resets the counter.',
  alert: 'HostSystemdServiceCrashed',
  clue: /start-limit-hit|startLimitHit: true|Start request repeated too quickly/,
  ending: { kind: 'repaired', by: ['service-restart'] },
  mayChange: { units: [nginx], ports: [80], files: [] },
  break: async (target) => {
    for (let at = 0; at < maximumStarts; at += 1) {
      killAll(unitProcesses(target, nginx))
      await unitBecomes(target, nginx, 'failed')
      const { exitCode } = await attemptInside(target.host, ['systemctl', 'start', nginx])
      if (exitCode !== 0) return
    }
    throw new Failure({
      code: 'host.timeout',
      message: `systemd of ${target.host.name} never refused to start ${nginx}.`,
    })
  },
  judge: async (target) => ({ problems: await webProblems(target), collateral: [] }),
  heal: (target) => mendUnit(target, nginx),
} satisfies Fault
