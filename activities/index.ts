// The activities of each worker, put together from one file per verb.
import { createAwaitRecovery } from './await-recovery.ts'
import { type BeginDeps, createBeginInvestigation } from './begin-investigation.ts'
import { createBuildPlan, type PlanDeps } from './build-plan.ts'
import { createBuildUndo } from './build-undo.ts'
import { createCheckHealth } from './check-health.ts'
import { createCollectEvidence, type CollectDeps } from './collect-evidence.ts'
import { createDecidePlan, type DecideDeps } from './decide-plan.ts'
import { createHoldRecovery } from './hold-recovery.ts'
import { createJudgeTurn, type JudgeDeps } from './judge-turn.ts'
import { createLookFurther, type LookFurtherDeps } from './look-further.ts'
import { createMatchSignatures } from './match-signatures.ts'
import { createOpenRun } from './open-run.ts'
import { createReadHost } from './read-host.ts'
import { createReadRun } from './read-run.ts'
import { createReadSource } from './read-source.ts'
import { createReadStory } from './read-story.ts'
import { createReadSwitch } from './read-switch.ts'
import { createReconcileRun, type ReconcileDeps } from './reconcile-run.ts'
import { createRecord, type RecordDeps } from './record.ts'
import { createRequestRun, type RequestRunDeps } from './request-run.ts'
import { createRunPlaybook, type RunPlaybookDeps } from './run-playbook.ts'
import { createScopeIncident, type ScopeDeps } from './scope-incident.ts'
import { createSettleLostRuns } from './settle-lost-runs.ts'
import { createSettleRun } from './settle-run.ts'
import type { ControlActivities, HandsActivities } from './types.ts'
import type { WatchDeps } from './watch-plan.ts'

export type ControlDeps = PlanDeps & DecideDeps & RecordDeps & RequestRunDeps & ScopeDeps & BeginDeps & JudgeDeps

/** What the control worker does: SQL, catalogue and policy. It reaches no host. */
export function createControlActivities(deps: ControlDeps): ControlActivities {
  return {
    readStory: createReadStory(deps),
    record: createRecord(deps),
    scopeIncident: createScopeIncident(deps),
    readHost: createReadHost(deps),
    matchSignatures: createMatchSignatures(deps),
    beginInvestigation: createBeginInvestigation(deps),
    judgeTurn: createJudgeTurn(deps),
    buildPlan: createBuildPlan(deps),
    buildUndo: createBuildUndo(deps),
    decidePlan: createDecidePlan(deps),
    openRun: createOpenRun(deps),
    readRun: createReadRun(deps),
    settleRun: createSettleRun(deps),
    settleLostRuns: createSettleLostRuns(deps),
    requestRun: createRequestRun(deps),
    readSwitch: createReadSwitch(deps),
    readSource: createReadSource(deps),
  }
}

export type HandsDeps = CollectDeps & LookFurtherDeps & WatchDeps & RunPlaybookDeps & ReconcileDeps

/** What a zone's hands worker does: it looks at hosts, and carries out one approved run at a time on each. */
export function createHandsActivities(deps: HandsDeps): HandsActivities {
  return {
    collectEvidence: createCollectEvidence(deps),
    lookFurther: createLookFurther(deps),
    awaitRecovery: createAwaitRecovery(deps),
    holdRecovery: createHoldRecovery(deps),
    checkHealth: createCheckHealth(deps),
    runPlaybook: createRunPlaybook(deps),
    reconcileRun: createReconcileRun(deps),
  }
}
