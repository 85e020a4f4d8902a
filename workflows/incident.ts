// The straight line from step 5 on: what happens to one incident, in the order in which it happens. Each step is a file
// of `steps/`; what follows from its answer stands here.
import { CancellationScope } from '@temporalio/workflow'
import { readStory } from './activities.ts'
import { brokenStep, close, handOver, type Ending } from './ending.ts'
import type { IncidentInput } from './messages.ts'
import { beginSearch, wasTried } from './search.ts'
import { approve } from './steps/approve.ts'
import { findFault } from './steps/find-fault.ts'
import { endedByItself } from './steps/health.ts'
import { stayWithPeople } from './steps/people.ts'
import { decide, forbidden, plan } from './steps/plan.ts'
import { waitForQuiet } from './steps/quiet.ts'
import type { Fault } from './steps/recognise.ts'
import { refusedRun, remediate, unknownRun } from './steps/remediate.ts'
import { resume } from './steps/resume.ts'
import { scope, type Target } from './steps/scope.ts'
import { undo } from './steps/undo.ts'
import { heldSays, verify } from './steps/verify.ts'
import { beginStory, continueFrom, record, recordClosed, type Story } from './story.ts'

/**
 * Ends when the incident is closed. Cancelling it from outside does nothing: what must end it is `millwright stop` or a
 * person.
 */
export async function incident(input: IncidentInput): Promise<void> {
  const story = beginStory(input)
  await CancellationScope.nonCancellable(async () => {
    const standing = await readStory({ incident: input.incident })
    if (standing.state === 'closed') return
    continueFrom(story, { ...standing, ...input.resumed })
    await end(story, input.resumed === undefined ? straightLine : resume)
  })
}

/** Steps 5 to 13: what it is about, and what comes of it. */
async function straightLine(story: Story): Promise<Ending> {
  const target = await scope(story)
  switch (target.kind) {
    case 'unresolved':
      return handOver('unknown-target', target.says)
    case 'storm':
      return handOver('storm', target.says)
    case 'target':
      return search(story, target)
  }
}

/** Steps 6 to 8, again after each attempt that was not the end: until one is, or nothing more may be tried. */
async function search(story: Story, target: Target): Promise<Ending> {
  const soFar = beginSearch(target)
  // So often at most as it is looked.
  for (;;) {
    const fault = await findFault(story, target, soFar)
    if (fault.kind === 'hand-over' || fault.kind === 'close') return fault
    if ((await waitForQuiet(story, target, soFar)) === 'look-again') continue
    const came = await attempt(story, target, fault, soFar.attempt)
    if (came.kind === 'look-again') continue
    if (came.kind !== 'go-on') return came
    wasTried(soFar, { playbook: fault.playbook, says: came.says })
  }
}

type Attempted =
  | Ending
  /** It was not the end, and another playbook may be tried. */
  | { readonly kind: 'go-on'; readonly says: string }
  /** Nothing was done: a person wants fresh evidence. */
  | { readonly kind: 'look-again' }

/** Steps 9 to 13 for one playbook. */
async function attempt(story: Story, target: Target, fault: Fault, number: number): Promise<Attempted> {
  const frozen = await plan(story, fault, number)
  if (frozen.kind === 'not-applicable') return handOver('none-applicable', frozen.says)
  const answer = await decide(story, frozen)
  if (answer.verdict === 'forbid') return forbidden(answer)
  const consent = await approve(story, target, { frozen, kind: 'repair', verdict: answer.verdict })
  if (consent.kind === 'ended') return consent.ending
  if (consent.kind === 'look-again') return consent
  const outcome = await remediate(story, target, { plan: frozen, decision: consent.decision, undo: false })
  switch (outcome.kind) {
    case 'refused':
      return (await endedByItself(story, target)) ?? refusedRun(outcome)
    case 'unknown':
      return unknownRun(story, target, outcome)
    case 'failed':
      return (outcome.changed > 0 ? await undo(story, target, frozen) : null) ?? goOn(outcome.says)
    case 'succeeded':
      break
  }
  const verified = await verify(story, target, frozen)
  switch (verified.kind) {
    case 'verified':
      story.repaired = heldSays(story, fault)
      return close('recovered', story.repaired, verified.firings)
    case 'others':
      story.repaired = heldSays(story, fault)
      return goOn('it held, and another alert goes on')
    case 'interrupted':
      return goOn('it helped until another alert came')
    case 'cannot-tell':
      return handOver('unknown', `${fault.playbook} ran, but ${verified.says}`)
    case 'not-recovered':
      return (await undo(story, target, frozen)) ?? goOn('it did not help')
  }
}

function goOn(says: string): Attempted {
  return { kind: 'go-on', says }
}

/**
 * Step 14, or a person. What another alert contradicts is not the end: it is looked at again, `maximumLooks` times in
 * all.
 */
async function end(story: Story, line: (story: Story) => Promise<Ending | null>): Promise<void> {
  const ending = await line(story).catch(brokenStep)
  if (ending?.kind === 'close') {
    if (await recordClosed(story, ending)) return
    await record(story, 'investigating', { kind: 'more-alerts' })
    return end(story, straightLine)
  }
  // Null: people have it already.
  if (ending !== null) {
    const { reason, says } = ending
    // Only what a budget has paused can go on.
    if (reason !== 'over-budget') story.investigation = null
    await record(story, 'handed-over', { kind: 'handed-over', reason, says })
  }
  if ((await stayWithPeople(story)) === 'go-on') return end(story, straightLine)
}
