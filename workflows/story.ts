// What an incident's workflow knows, and the messages that change it. Everything else stands in SQL.
import { condition, setHandler } from '@temporalio/workflow'
import type { Scope, Standing } from '../activities/types.ts'
import type { Decision } from '../domain/decision.ts'
import type { Digest, IncidentId, PlanId, RunId } from '../domain/ids.ts'
import type { IncidentState } from '../domain/incident.ts'
import type { RunOutcome } from '../domain/run.ts'
import type { TimelineEntry } from '../domain/timeline.ts'
import { writeTransition } from './activities.ts'
import { acceptClose, acceptDecision, acceptQuestion } from './consent.ts'
import type { Closed } from './ending.ts'
import {
  alertsChanged,
  askForMore,
  closeByPerson,
  decide,
  runFinished,
  waitingFor,
  type IncidentInput,
  type Question,
} from './messages.ts'

/** The plan that people are asked about now. */
export type Pending = {
  readonly plan: PlanId
  readonly digest: Digest
  readonly approvals: 1 | 2
  readonly undo: boolean
  /** ISO 8601. */
  readonly until: string
}

export type Story = {
  readonly incident: IncidentId
  /** What it is about; null until it is scoped, and when nothing of the inventory is. */
  target: Extract<Scope, { kind: 'target' }> | null
  state: IncidentState
  /** Sequence of the last transition. */
  sequence: number
  /** Number of the last round of evidence. */
  round: number
  /** How often evidence was collected. */
  looks: number
  /** What was repaired and has held; null while nothing has. */
  repaired: string | null
  pending: Pending | null
  /** Decisions on the pending plan, in the order in which they were accepted. */
  decisions: readonly Decision[]
  /** Somebody wants fresh evidence before they decide on the pending plan. */
  asking: Question | null
  /** How often somebody did. */
  asks: number
  /** Only while it waits for people can a person end it. */
  closable: boolean
  closing: { readonly person: string; readonly says: string } | null
  sourceChanged: boolean
  /** How often it is still measured whether all is well, after its source resolved; 0 while that fires. */
  remeasures: number
  /** Measurements that nobody waits for and that are not over. */
  measuring: number
  /** Runs that ended and whose row was not read since. */
  readonly finished: Set<RunId>
  /** What people were told a run came to. */
  readonly told: Map<RunId, RunOutcome['kind']>
  /** Runs that were under way when the workflow before this one was lost, until it is known what they came to. */
  lost: readonly RunId[]
  waiting: ReturnType<typeof nowWaiting>
}

/** Sets the handlers, before anything is awaited. */
export function beginStory({ incident, resumed }: IncidentInput): Story {
  const story: Story = {
    incident,
    target: null,
    state: 'open',
    sequence: 0,
    round: 0,
    looks: 0,
    repaired: null,
    pending: null,
    decisions: [],
    asking: null,
    asks: 0,
    // One that is resumed goes to people, so what a person said to the one before counts at once.
    closable: resumed !== undefined,
    closing: null,
    sourceChanged: false,
    remeasures: resumed?.remeasures ?? 0,
    measuring: 0,
    finished: new Set(),
    told: new Map(),
    lost: [],
    waiting: nowWaiting('the next step'),
  }
  setHandler(alertsChanged, () => {
    story.sourceChanged = true
  })
  setHandler(runFinished, ({ run }) => {
    story.finished.add(run)
  })
  setHandler(decide, (decision) => keepDecision(story, decision), {
    validator: (decision) => acceptDecision(story, decision, Date.now()),
  })
  setHandler(askForMore, (question) => keepQuestion(story, question), {
    validator: (question) => acceptQuestion(story, question),
  })
  setHandler(closeByPerson, (closing) => keepClosing(story, closing), {
    validator: (_closing) => acceptClose(story),
  })
  setHandler(waitingFor, () => story.waiting)
  return story
}

/** Counts on from where the story stood. */
export function continueFrom(story: Story, standing: Standing): void {
  story.state = standing.state
  story.sequence = standing.sequence
  story.round = standing.round
  for (const run of standing.unknown ?? []) story.told.set(run, 'unknown')
}

/**
 * Writes one transition, before the next step. `state` is where the incident is after it; the same one as now leaves
 * it.
 */
export async function record(story: Story, state: IncidentState, entry: TimelineEntry): Promise<void> {
  story.sequence += 1
  const next = state === story.state ? null : state
  await writeTransition({ incident: story.incident, sequence: story.sequence, state: next, entry })
  story.state = state
}

/** Writes that it is over. False: another alert fired since that was seen, so it is not, and nothing was written. */
export async function recordClosed(story: Story, { reason, person, says, firings }: Closed): Promise<boolean> {
  // Where the end of the last one met the workflow's own, whoever closes it would be told that it failed.
  await condition(() => story.measuring === 0)
  const sequence = story.sequence + 1
  const entry = { kind: 'closed', reason, person, says } as const
  const known = firings === undefined ? {} : { firings }
  const { written } = await writeTransition({ incident: story.incident, sequence, state: 'closed', entry, ...known })
  if (written) story.sequence = sequence
  return written
}

/** The next round of evidence. */
export function nextRound(story: Story): number {
  story.round += 1
  return story.round
}

/** What `waitingFor` answers. */
export function nowWaiting(what: string, pending: Pending | null = null) {
  return { what, plan: pending?.plan ?? null, until: pending?.until ?? null }
}

function keepDecision(story: Story, decision: Decision): { readonly accepted: true } {
  story.decisions = [...story.decisions, decision]
  return { accepted: true }
}

function keepQuestion(story: Story, question: Question): { readonly accepted: true } {
  story.asking = question
  story.asks += 1
  return { accepted: true }
}

function keepClosing(story: Story, closing: NonNullable<Story['closing']>): { readonly accepted: true } {
  story.closing = closing
  return { accepted: true }
}
