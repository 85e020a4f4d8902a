// The run's row, once per plan: before it exists nothing can be carried out.
import { Failure } from '../domain/failure.ts'
import { newId } from '../runtime/ids.ts'
import type { Store } from '../store/connect.ts'
import { approversOf, openRunRow } from '../store/open-run.ts'
import { readPlan, type StoredPlan } from '../store/plan.ts'
import type { ControlActivities } from './types.ts'

/** A run that has not begun within this is dropped: what was measured is too old then. */
export const runStartSeconds = 600

export type OpenRunDeps = { readonly store: Store; readonly now: () => Date }

/** Throws `policy.forbidden` when policy, or as many people as it takes, did not say yes. */
export function createOpenRun({ store, now }: OpenRunDeps): ControlActivities['openRun'] {
  return async ({ plan, decision }) => {
    const stored = await readPlan(store, plan)
    await checkConsent(store, stored, decision)
    const deadline = new Date(now().getTime() + runStartSeconds * 1_000)
    return openRunRow(store, { run: newId('run'), stored, decision, deadline })
  }
}

async function checkConsent(
  store: Store,
  { plan, digest, policy }: StoredPlan,
  decision: string | null,
): Promise<void> {
  if (policy?.verdict === 'auto') return
  if (policy?.verdict !== 'ask' || decision === null) throw refused('Policy does not let this plan run alone.')
  const needed = plan.tier >= 3 ? 2 : 1
  const approvers = await approversOf(store, digest)
  if (approvers.length < needed) throw refused(`${needed} people must approve this plan; ${approvers.length} did.`)
}

function refused(message: string): Failure {
  return new Failure({ code: 'policy.forbidden', message, hint: 'Nothing was started.' })
}
