// Whether an incident ended where it must, whoever was asked about it.
import type { Ends } from '../model-server/ends.ts'
import type { Fault } from '../fault.ts'

export type Ended = {
  readonly state: string
  readonly reason: string | null
  /** What people were told; empty where nobody has it. */
  readonly says: string
  /** Runs that the host carried out. */
  readonly runs: number
  /** Whether a model was asked. */
  readonly isAsked: boolean
  /** A process of Millwright was killed meanwhile. */
  readonly isStruck: boolean
}

/**
 * Whoever was killed may have held what can't be known, taken a call with it whose worst case stays counted, or broken
 * off a run before its first task: that playbook is not tried again.
 */
const afterBlow: ReadonlySet<string> = new Set(['unknown', 'expired', 'decision-void', 'over-budget', 'failed'])

/** One sentence; null: it is the right end. */
export function endProblem(fault: Pick<Fault, 'ending' | 'novel'>, ends: Ends, ended: Ended): string | null {
  const { state, reason, says, isStruck } = ended
  const isOther = isStruck && reason !== null && state === 'handed-over' && afterBlow.has(reason)
  const isNovel = fault.novel === true
  if (ended.isAsked !== isNovel && fault.ending.kind === 'repaired' && !isStruck) {
    return isNovel ? 'No model was asked.' : 'A model was asked about a fault that is known.'
  }
  if (isOther && !isNovel) return null
  if (!ended.isAsked) return isOther ? null : endOfKnown(fault, ended)
  const canRepair = fault.ending.kind === 'repaired' && ends.repairs !== 'never'
  if (ended.runs > 0 && !canRepair)
    return `The host carried out ${ended.runs} runs, and there was nothing to carry out.`
  if (state === 'closed') return canRepair ? null : `It was closed (${reason}), and nobody repaired it.`
  if (state !== 'handed-over') return `It ended as ${state}.`
  if (isOther) return null
  if (canRepair && ends.repairs === 'always')
    return `It was handed over (${reason}), and could have been repaired: ${says}`
  return ends.handsOver.some((one) => one.reason === reason && one.says.test(says))
    ? null
    : `It was handed over for a reason that is not this persona’s (${reason}): ${says}`
}

function endOfKnown({ ending }: Pick<Fault, 'ending'>, { state, reason, runs }: Ended): string | null {
  // Nobody says here that an alert is over: what is nothing stays with people until somebody does.
  const right = ending.kind === 'repaired' ? 'closed' : 'handed-over'
  if (state !== right) return `It ended as ${state} (${reason}), not ${right}.`
  if (reason === 'broken' || reason === 'failed') return `It was handed over as ${reason}.`
  return right === 'handed-over' && runs > 0
    ? `The host carried out ${runs} runs, and there was nothing to repair.`
    : null
}
