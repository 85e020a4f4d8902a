// A person has it. It stays open until that person ends it, or the source resolves it and probes are clear.
import { condition, continueAsNew, workflowInfo } from '@temporalio/workflow'
import type { RunId } from '../../domain/ids.ts'
import { control, handsIn } from '../activities.ts'
import { asking, type Closing } from '../consent.ts'
import { closedBy } from '../ending.ts'
import { orElse } from '../failed.ts'
import type { IncidentInput, Lift } from '../messages.ts'
import { nowWaiting, record, recordClosed, recordRunEnded, type Story } from '../story.ts'
import { beginMeasuring, endingBy, hasChanged, type Measuring } from './health.ts'
import { hearSource } from './source.ts'

/** After the source resolved, how often and how many times it is measured whether all is well. */
const remeasureSeconds = 60
const remeasureTimes = 60

/**
 * Until it is closed, or somebody lets a paused investigation go on. Where it is about nothing that Millwright may look
 * at, a person ends it.
 */
export async function stayWithPeople(story: Story): Promise<'closed' | 'go-on'> {
  // Who closed it while it was taken up again is heard.
  if (story.asked?.pending !== null) story.asked = asking(null)
  // What the source said while something was being done counts, too.
  story.sourceChanged = true
  void reconcileLost(story)
  let measuring: Measuring | null = null
  for (;;) {
    story.waiting = nowWaiting('a person')
    const news = (): boolean => isHeard(story) || hasChanged(story, measuring)
    if (measuring === null && story.remeasures > 0) await condition(news, remeasureSeconds * 1_000)
    else await condition(news)
    const closing = closingOf(story)
    if (closing !== null) {
      measuring?.drop()
      await settleLost(story)
    }
    const [run] = story.finished
    if (run !== undefined) {
      story.finished.delete(run)
      await recordLateRun(story, run)
    } else if (closing !== null) {
      if (await recordClosed(story, closedBy(closing))) return 'closed'
    } else if (story.lift !== null) {
      measuring?.drop()
      return goOn(story, story.lift)
    } else if (measuring === null) {
      measuring = await remeasure(story)
    } else if (measuring.over) {
      const ending = await endingBy(story, await measuring.measured)
      measuring = null
      if (ending !== null && (await recordClosed(story, ending))) return 'closed'
    }
    const lost = story.lost ?? []
    const settled = story.measuring === 0 && !isHeard(story) && lost.length === 0
    if (settled && workflowInfo().continueAsNewSuggested) await startAnew(story)
  }
}

/** A person closes it or lets it go on, or a run has come to its end. */
function isHeard(story: Story): boolean {
  return closingOf(story) !== null || story.lift !== null || story.finished.size > 0
}

/** What was seen before it was paused may be long ago: it is looked at anew. */
async function goOn(story: Story, { person, dollars }: Lift): Promise<'go-on'> {
  story.asked = null
  story.remeasures = 0
  await record(story, 'investigating', { kind: 'budget-lifted', person, dollars })
  story.lift = null
  return 'go-on'
}

function closingOf({ asked }: Story): Closing | null {
  return asked?.settled?.kind === 'closing' ? asked.settled.closing : null
}

/** After the source resolved, and for a while after that, it is measured whether all is well. */
async function remeasure(story: Story): Promise<Measuring | null> {
  const resolved = await hearSource(story)
  if (resolved && story.remeasures === 0) await record(story, 'handed-over', { kind: 'source-resolved' })
  story.remeasures = resolved ? (story.remeasures > 0 ? story.remeasures - 1 : remeasureTimes) : 0
  return resolved && story.target !== null ? beginMeasuring(story, story.target) : null
}

/** What a run came to after something else, or nothing, had been written down of it. */
async function recordLateRun(story: Story, run: RunId): Promise<void> {
  const row = await orElse(control.readRun({ run }), null)
  if (row === null || row.outcome === null || row.outcome.kind === story.outcomes.get(run)) return
  const { outcome, undo } = row
  await recordRunEnded(story, 'handed-over', { run, outcome, undo })
}

/** What a run came to that was under way when the workflow was lost: the host's own record says it, or nobody. */
async function reconcileLost(story: Story): Promise<void> {
  const { lost } = story
  if (lost === null) return
  for (const run of lost) {
    const zone = story.target?.zone
    const read = zone === undefined ? null : await orElse(handsIn(zone).reconcileRun({ run }), null)
    const says = "The host's own record of the run could not be read."
    if (read === null) await orElse(control.settleRun({ run, says }), null)
    story.finished.add(run)
  }
  story.lost = []
}

/** Whoever closes it waits for no host. What is not known by then stays unknown, and its host out of reach. */
async function settleLost(story: Story): Promise<void> {
  for (const run of story.lost ?? []) {
    await orElse(control.settleRun({ run, says: 'The incident was closed before its host had been asked.' }), null)
    story.finished.add(run)
  }
  story.lost = []
}

async function startAnew({ incident, sequence, round, remeasures, investigation }: Story): Promise<never> {
  const paused = investigation === null ? {} : { investigation }
  const input: IncidentInput = { version: 1, incident, resumed: { sequence, round, remeasures, ...paused } }
  return continueAsNew<(input: IncidentInput) => Promise<void>>(input)
}
