// The names and shapes of everything that is sent to a workflow: the one file that workflows and gateway both import.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { Decision } from '../domain/decision.ts'
import type { Digest, HostId, IncidentId, PlanId, RunId } from '../domain/ids.ts'
import type { RunRequest } from '../domain/run.ts'

/** Workflow types by name, and the task queues. `hands/<zone>` is polled by workers that hold that zone's SSH key. */
export const controlQueue = 'control'
/** Polled by the process that holds the models' keys. */
export const mindQueue = 'mind'
export const handsQueue = (zone: string): string => `hands/${zone}`

export const incidentWorkflowId = (id: IncidentId): string => `incident/${id}`
/** A dry run's story is another one: no step of it carries anything out. */
export const incidentWorkflowType = (dryRun: boolean): 'incident' | 'dryRun' => (dryRun ? 'dryRun' : 'incident')
export const hostWorkflowId = (id: HostId): string => `host/${id}`

/**
 * Input of the `incident` workflow. Histories outlive code, so it carries a version. `resumed` is set when the workflow
 * continues as new, and when an open incident's workflow was lost: the last sequence and round that were used. With it
 * an incident goes to people, and nothing is carried out. `remeasures`: the source has resolved, and so often is it
 * still measured whether all is well. `investigation`: paused because a budget is used up, and goes on when a person
 * lifts it.
 */
export type IncidentInput = {
  readonly version: 1
  readonly incident: IncidentId
  readonly resumed?: {
    readonly sequence: number
    readonly round: number
    readonly remeasures?: number
    readonly investigation?: Readonly<Investigation>
  }
}

/** An investigation under way. */
export type Investigation = {
  readonly number: number
  /** Exchanges that it may have. */
  readonly turns: number
  /** The exchange that comes next, from 1. */
  turn: number
  /** Whether raw text waits for the reader before it. */
  unread: boolean
}

/** Input of the `host` workflow; `queue` is what a continued run carries over. */
export type HostInput = {
  readonly version: 1
  readonly host: HostId
  readonly zone: string
  readonly queue: readonly RunRequest[]
}

/** The gateway recorded more from the source: new alerts, a repeat, a resolve. What it was stands in SQL. */
export const alertsChanged = defineSignal('alertsChanged')

/** A run came to its end; what it came to stands in its row. */
export const runFinished = defineSignal<[{ readonly run: RunId }]>('runFinished')

/** Another run for a host. */
export const runRequested = defineSignal<[RunRequest]>('requestRun')

/** A person's decision on the pending plan. Refused when it is late, for another digest, or already decided. */
export const decide = defineUpdate<{ readonly accepted: true }, [Decision]>('decide')

/**
 * A person wants fresh evidence before they decide: the pending plan is dropped, and what is planned anew is asked
 * about. Refused for another digest, for an undo, and after `maximumAsks`.
 */
export const askForMore = defineUpdate<{ readonly accepted: true }, [Question]>('askForMore')

export type Question = { readonly planDigest: Digest; readonly person: string; readonly says: string }

/** A person ends the incident. */
export const closeByPerson = defineUpdate<
  { readonly accepted: true },
  [{ readonly person: string; readonly says: string }]
>('closeByPerson')

/**
 * A person lets an incident that was handed over as `over-budget` have so many dollars more; the row `id` stands
 * already. Refused when it is not over budget.
 */
export const liftBudget = defineUpdate<{ readonly accepted: true }, [Lift]>('liftBudget')

export type Lift = { readonly id: string; readonly person: string; readonly dollars: number }

/** What the workflow waits for now, for people who look into Temporal; pages read SQL. */
export const waitingFor = defineQuery<{
  readonly what: string
  readonly plan: PlanId | null
  readonly until: string | null
}>('waitingFor')
