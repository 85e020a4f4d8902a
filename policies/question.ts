// Puts together what policy is asked about a plan: the plan itself, its playbook, and what SQL and the clock measured.
import type { Plan } from '../domain/plan.ts'
import type { Mode, Playbook } from '../domain/playbook.ts'
import type { Measured } from '../store/plan.ts'
import type { PlanQuestion } from './evaluate.ts'

/** The name under which Millwright's own code acts. */
export const ownAgent = 'millwright'

export type Circumstances = {
  readonly plan: Plan
  /** The playbook as it is pinned now. */
  readonly playbook: Playbook
  readonly measured: Measured
  /** Cool-downs are divided by it. */
  readonly timeFactor: number
  /** IANA name of the environment's time zone. */
  readonly timezone: string
  readonly now: Date
}

export function planQuestion({ plan, playbook, measured, timeFactor, timezone, now }: Circumstances): PlanQuestion {
  const { limits } = playbook
  const since = measured.sinceLastChange
  return {
    agent: ownAgent,
    plan,
    owner: playbook.owner,
    mode: modeIn(playbook, plan.environment),
    stopped: measured.stopped,
    quarantined: measured.quarantined,
    changesThisHour: measured.changesThisHour,
    changesAllowed: limits.perHostHour,
    coolingDown: since !== null && since < limits.cooldownSeconds / timeFactor,
    hour: hourIn(timezone, now),
  }
}

/** A playbook's mode in an environment; what nobody named is a draft. */
export function modeIn({ modes }: Playbook, environment: string): Mode {
  return modes[environment] ?? modes['*'] ?? 'draft'
}

function hourIn(timeZone: string, now: Date): number {
  const hour = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' }).format(now)
  return Number.parseInt(hour, 10)
}
