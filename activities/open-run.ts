// The run's row, once per plan: before it exists nothing can be carried out.
import { approvalsNeeded, approvers, whyWorthless } from '../domain/decision.ts'
import { refused, type Refusal } from '../domain/run.ts'
import { newId } from '../runtime/ids.ts'
import type { Store } from '../store/connect.ts'
import { decisionsOn, readDecision } from '../store/decision.ts'
import { openRunRow } from '../store/open-run.ts'
import { readPlan, type StoredPlan } from '../store/plan.ts'
import type { ControlActivities } from './types.ts'

/** A run that has not begun within this is dropped: what was measured is too old then. */
export const runStartSeconds = 600

export type OpenRunDeps = { readonly store: Store; readonly now: () => Date }

/** Refused when policy, or as many people as it takes, did not say yes, or what they said counts no more. */
export function createOpenRun({ store, now }: OpenRunDeps): ControlActivities['openRun'] {
  return async ({ plan, decision }) => {
    const stored = await readPlan(store, plan)
    const refusal = await consentRefusal(store, stored, { decision, now: now() })
    if (refusal !== null) return refusal
    const deadline = new Date(now().getTime() + runStartSeconds * 1_000)
    return openRunRow(store, { run: newId('run'), stored, decision, deadline })
  }
}

async function consentRefusal(
  store: Store,
  { plan, digest, policy }: StoredPlan,
  { decision, now }: { readonly decision: string | null; readonly now: Date },
): Promise<Refusal | null> {
  if (policy?.verdict === 'auto') return null
  if (policy?.verdict !== 'ask' || decision === null)
    return refused('policy.forbidden', 'Policy does not let this plan run alone.')
  const worthless = whyWorthless(await readDecision(store, decision), digest, now)
  if (worthless !== null) return worthless
  const needed = approvalsNeeded(plan.tier)
  const all = await decisionsOn(store, digest)
  const { length } = approvers(all, digest, now)
  if (length >= needed) return null
  const others = all.filter(({ verdict }) => verdict === 'approve')
  const lost = others.map((one) => whyWorthless(one, digest, now)).find((one) => one !== null)
  const says = `${needed} people must approve this plan; ${length} did.`
  return lost === undefined ? refused('policy.forbidden', says) : { ...lost, says: `${lost.says} ${says}` }
}
