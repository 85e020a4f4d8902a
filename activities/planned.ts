// What the workflow needs to know of a stored plan.
import { approvalsNeeded } from '../domain/decision.ts'
import type { Plan } from '../domain/plan.ts'
import type { Playbook } from '../domain/playbook.ts'
import type { Planned } from './types.ts'

export function plannedOf(plan: Plan, digest: string, playbook: Playbook, timeFactor: number): Planned {
  const { id, version } = plan.playbook
  return {
    kind: 'planned',
    plan: plan.id,
    digest,
    entry: {
      kind: 'planned',
      plan: plan.id,
      digest,
      playbook: id,
      version,
      wants: plan.wants,
      attempt: plan.attempt,
      preview: plan.preview,
    },
    hasUndo: plan.kind === 'remediate' && plan.undo === 'play',
    approvals: approvalsNeeded(plan.tier),
    soakSeconds: playbook.verify.soakSeconds / timeFactor,
    expiresAt: plan.expiresAt,
    hardTimeoutSeconds: plan.hardTimeoutSeconds,
  }
}
