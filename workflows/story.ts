// What an incident's workflow knows, and the messages that change it. Everything else stands in SQL.
import { condition, setHandler } from '@temporalio/workflow'
import type { Scope } from '../activities/types.ts'
import type { IncidentId, RunId } from '../domain/ids.ts'
import type { IncidentState } from '../domain/incident.ts'
import type { RunOutcome } from '../domain/run.ts'
import type { Standing, TimelineEntry } from '../domain/timeline.ts'
import { writeTransition } from './activities.ts'
import {
  acceptClose,
  acceptDecision,
  acceptLift,
  acceptQuestion,
  asking,
  decided,
  settle,
  type Asked,
  type Pending,
} from './consent.ts'
import type { Closed } from './ending.ts'
import {
  alertsChanged,
  askForMore,
  closeByPerson,
  decide,
  liftBudget,
  runFinished,
  waitingFor,
  type IncidentInput,
  type Investigation,
  type Lift,
  type Question,
} from './messages.ts'

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
  /** What people were asked last, and what they said; null until it waits for them. */
  asked: Asked | null
  /** What a model is asked about, while it is; also when it was paused because a budget is used up. */
  investigation: Investigation | null
  /** A person lets it go on. */
  lift: Lift | null
  /** How often somebody wanted fresh evidence before they decide. */
  asks: number
  sourceChanged: boolean
  /** How often it is still measured whether all is well, after its source resolved; 0 while that fires. */
  remeasures: number
  /** Measurements that nobody waits for and that are not over. */
  measuring: number
  /** Runs that ended and whose row was not read since. */
  readonly finished: Set<RunId>
  /** What each run came to, as it is written down. */
  readonly outcomes: Map<RunId, RunOutcome['kind']>
  /** An undo of it failed halfway, so that its host is in quarantine. */
  undoFailed: boolean
  /**
   * Runs that were under way when the workflow before this one was lost, until it is known what they came to; null
   * while nobody knows which.
   */
  lost: readonly RunId[] | null
  waiting: ReturnType<typeof nowWaiting>
}

/** Sets the handlers, before anything is awaited. */
export function beginStory({ incident, resumed }: IncidentInput): Story {
  const story: Story = {
    incident,
    target: null,
    // Whoever lifts the budget of one that was just continued is heard before it is read where it stands.
    state: resumed?.investigation === undefined ? 'open' : 'handed-over',
    sequence: 0,
    round: 0,
    looks: 0,
    repaired: null,
    // One that is resumed goes to people, so what a person said to the one before counts at once.
    asked: resumed === undefined ? null : asking(null),
    investigation: resumed?.investigation === undefined ? null : { ...resumed.investigation },
    lift: null,
    asks: 0,
    sourceChanged: false,
    remeasures: resumed?.remeasures ?? 0,
    measuring: 0,
    finished: new Set(),
    outcomes: new Map(),
    undoFailed: false,
    lost: resumed === undefined ? [] : null,
    waiting: nowWaiting('the next step'),
  }
  setHandler(alertsChanged, () => {
    story.sourceChanged = true
  })
  setHandler(runFinished, ({ run }) => {
    story.finished.add(run)
  })
  setHandler(decide, (decision) => keep(story, decided(story.asked, decision)), {
    validator: (decision) => acceptDecision(story.asked, decision, Date.now()),
  })
  const more = (question: Question) => {
    story.asks += 1
    return keep(story, settle(story.asked, { kind: 'more', question }))
  }
  setHandler(askForMore, more, { validator: (question) => acceptQuestion(story.asked, question, story.asks) })
  setHandler(closeByPerson, (closing) => keep(story, settle(story.asked, { kind: 'closing', closing })), {
    validator: (_closing) => acceptClose(story.asked),
  })
  setHandler(
    liftBudget,
    (lift) => {
      story.lift = lift
      return { accepted: true } as const
    },
    { validator: (_lift) => acceptLift(story) },
  )
  setHandler(waitingFor, () => story.waiting)
  return story
}

/** Counts on from where the story stood. */
export function continueFrom(story: Story, standing: Standing): void {
  story.state = standing.state
  story.sequence = standing.sequence
  story.round = standing.round
  for (const run of standing.unknown ?? []) story.outcomes.set(run, 'unknown')
  story.undoFailed = standing.undoFailed ?? false
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

/** Writes what a run came to. */
export async function recordRunEnded(
  story: Story,
  state: IncidentState,
  { run, outcome, undo }: Omit<Extract<TimelineEntry, { kind: 'run-ended' }>, 'kind'>,
): Promise<void> {
  await record(story, state, { kind: 'run-ended', run, outcome, undo })
  story.outcomes.set(run, outcome.kind)
  if (undo) story.undoFailed = outcome.kind === 'failed'
}

/** Writes that it is over. False: another alert fired since that was seen, so it is not, and nothing was written. */
export async function recordClosed(story: Story, { reason, person, says, firings, would }: Closed): Promise<boolean> {
  // Where the end of the last one met the workflow's own, whoever closes it would be told that it failed.
  await condition(() => story.measuring === 0)
  const sequence = story.sequence + 1
  const entry = { kind: 'closed', reason, person, says, ...(would === undefined ? {} : { would }) } as const
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

function keep(story: Story, asked: Asked | null): { readonly accepted: true } {
  story.asked = asked
  return { accepted: true }
}
