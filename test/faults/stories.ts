// Every activity and the story in which it appears: what is broken, and how the incident ends. A new activity without
// an entry is a type error.
import type { MindActivities } from '../../activities/types.ts'
import type { Condition } from '../support/paper-host.ts'
import type { Activity, Fault } from './road.ts'

export type Story = {
  readonly condition: Condition
  readonly source?: 'resolved'
  /** The connection is cut in the middle of the task. */
  readonly cut?: true
  /** Its workflow was lost. */
  readonly resumed?: true
  /** A fault that leads to the activity in question. */
  readonly besides?: Readonly<Partial<Record<Activity, Fault>>>
  readonly ends: string
  /** Plays that were carried out on the host. */
  readonly effects: number
}

export const repaired: Story = { condition: 'crashed', ends: 'closed recovered', effects: 1 }
/** A model is asked, and never concludes. */
export const asked: Story = { condition: 'odd', ends: 'handed-over novel', effects: 0 }

/** By activity. */
export const stories: ReadonlyMap<string, Story> = new Map(
  Object.entries({
    readStory: repaired,
    record: repaired,
    scopeIncident: repaired,
    readHost: repaired,
    matchSignatures: repaired,
    beginInvestigation: asked,
    judgeTurn: asked,
    buildPlan: repaired,
    buildUndo: { condition: 'broken', ends: 'handed-over failed', effects: 2 },
    decidePlan: repaired,
    openRun: repaired,
    readRun: repaired,
    settleRun: {
      condition: 'crashed',
      besides: { runPlaybook: 'fails for good' },
      ends: 'handed-over expired',
      effects: 0,
    },
    settleLostRuns: { condition: 'odd', resumed: true, ends: 'handed-over unknown', effects: 0 },
    requestRun: repaired,
    readSwitch: repaired,
    readSource: { condition: 'well', source: 'resolved', ends: 'closed recovered-by-itself', effects: 0 },
    collectEvidence: repaired,
    lookFurther: asked,
    runPlaybook: repaired,
    reconcileRun: { condition: 'crashed', cut: true, ends: 'handed-over unknown', effects: 1 },
    awaitRecovery: repaired,
    holdRecovery: repaired,
    checkHealth: asked,
    askModel: asked,
    readText: asked,
  } satisfies Record<Activity, Story>),
)

/** Those that pay a model. */
export const payingActivities = ['askModel', 'readText'] as const satisfies readonly (keyof MindActivities)[]
