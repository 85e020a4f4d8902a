// Puts together what policy is asked about a plan: the plan itself, its playbook, and what SQL and the clock measured.
import type { Plan } from '../domain/plan.ts'
import { modeIn, type Playbook, weekdays, type Window } from '../domain/playbook.ts'
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
  const cooldown = limits.cooldownSeconds / timeFactor
  return {
    agent: ownAgent,
    plan,
    owner: playbook.owner,
    mode: modeIn(playbook, plan.environment),
    stopped: measured.stopped,
    quarantined: measured.quarantined,
    changesThisHour: measured.changesThisHour,
    changesAllowed: limits.perHostHour,
    coolingDown: since !== null && since < cooldown,
    conflicting: measured.sinceConflict !== null && measured.sinceConflict < cooldown,
    hostsThisHour: measured.otherHostsThisHour,
    hostsAllowed: playbook.blastRadius.hostsPerHour,
    ...momentIn(timezone, now),
    openHours: playbook.windows.length === 0 ? null : openHours(playbook.windows),
  }
}

/** Day (0 is Monday) and hour in a time zone. */
function momentIn(timeZone: string, now: Date): Pick<PlanQuestion, 'day' | 'hour'> {
  const words = { timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' } as const
  const parts = new Intl.DateTimeFormat('en-GB', words).formatToParts(now)
  const part = (type: 'weekday' | 'hour'): string => parts.find((one) => one.type === type)?.value ?? ''
  const weekday = part('weekday').toLowerCase()
  return { day: weekdays.findIndex((one) => one === weekday), hour: Number.parseInt(part('hour'), 10) }
}

/** Hours of the week, from Monday 0:00 on. */
function openHours(windows: readonly Window[]): readonly number[] {
  const hours = windows.flatMap(({ days, from, to }) =>
    days.flatMap((day) => Array.from({ length: to - from }, (_, at) => weekdays.indexOf(day) * 24 + from + at)),
  )
  return [...new Set(hours)]
}
