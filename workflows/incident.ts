// The straight line from step 5 on: what happens to one incident, in the order in which it happens.
import { CancellationScope } from '@temporalio/workflow'
import { maximumAttempts } from '../domain/incident.ts'
import { control, readStory } from './activities.ts'
import { brokenStep, close, handOver, type Ending } from './ending.ts'
import type { IncidentInput } from './messages.ts'
import { ask, type Consent } from './steps/approve.ts'
import { collect, unreachableSays } from './steps/collect.ts'
import { diagnose } from './steps/diagnose.ts'
import { ended, endedByItself, measure, onlyTheAlert } from './steps/health.ts'
import { stayWithPeople } from './steps/people.ts'
import { decide, forbidden, plan } from './steps/plan.ts'
import { ambiguousSays, mayShow, recognise, type KnownFault } from './steps/recognise.ts'
import { waitForQuiet, type Quiet } from './steps/quiet.ts'
import { refusedRun, remediate, unknownRun } from './steps/remediate.ts'
import { findTarget, scope, type Target } from './steps/scope.ts'
import { undo } from './steps/undo.ts'
import { verify } from './steps/verify.ts'
import { beginStory, continueFrom, record, recordClosed, type Story } from './story.ts'

/** Evidence is collected so often at most: two attempts, and waiting for others who change the same host. */
const maximumLooks = 8

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
    await end(story, input.resumed === undefined ? repair : resume)
  })
}

/** Steps 5 to 8, as often as an attempt did not help or another alert came. */
async function repair(story: Story): Promise<Ending> {
  const target = await scope(story)
  if (target.kind === 'unresolved') return handOver('unknown-target', target.says)
  if (target.kind === 'storm') return handOver('storm', target.says)
  const tried: Tried[] = target.tried.map((playbook) => ({ playbook, says: 'tried before' }))
  let attempt = target.attemptsUsed + 1
  let lookedAgain = false
  let waitedInVain = false
  while (story.looks < maximumLooks) {
    story.looks += 1
    const { unreachable } = await collect(story, target)
    if (unreachable !== null) return handOver('unreachable', unreachableSays(unreachable))
    const fault = await recognise(story, namesOf(tried))
    if (fault.kind === 'several') return handOver('ambiguous', ambiguousSays(fault.matches))
    if (fault.kind === 'none') {
      const unseen = fault.unseen ?? []
      if (!lookedAgain && (await mayShow(story, target, fault))) {
        lookedAgain = true
        continue
      }
      const health = await measure(story, target)
      const alone = unseen.length === 0 ? onlyTheAlert(target, health) : null
      return (await ended(story, health)) ?? alone ?? nothingFits(story, tried, unseen)
    }
    if (attempt > maximumAttempts) return handOver('attempts-used', attemptsSays(tried))
    const quiet: Quiet = waitedInVain ? 'at-once' : await waitForQuiet(story, target)
    waitedInVain = quiet === 'never'
    if (quiet !== 'at-once') continue
    const ending = await carryOut(story, target, fault, attempt)
    if (ending.kind === 'again') continue
    if (ending.kind !== 'tried') return ending
    tried.push({ playbook: fault.playbook, says: ending.says })
    attempt += 1
  }
  return handOver('failed', `${target.hostName} does not come to rest: it was looked at ${maximumLooks} times.`)
}

/** A playbook, and why it was not the end. */
type Tried = { readonly playbook: string; readonly says: string }

type TriedOnce = { readonly kind: 'tried'; readonly says: string }

/** Nothing was done: a person wants it looked at anew. */
type Again = { readonly kind: 'again' }

/** Steps 9 to 13 for one playbook. `tried`: that was not the end, and another one may be tried. */
async function carryOut(
  story: Story,
  target: Target,
  fault: KnownFault,
  attempt: number,
): Promise<Ending | TriedOnce | Again> {
  const frozen = await plan(story, fault, attempt)
  if (frozen.kind === 'not-applicable') return handOver('none-applicable', frozen.says)
  const answer = await decide(story, frozen)
  if (answer.verdict === 'forbid') return forbidden(answer)
  const alone: Consent = { kind: 'granted', decision: null }
  // Who asked for fresh evidence wants to decide about it, whatever policy says by then.
  const consent = answer.verdict === 'auto' && story.asks === 0 ? alone : await ask(story, target, frozen, 'repair')
  if (consent.kind === 'ended') return consent.ending
  if (consent.kind === 'again') return consent
  const outcome = await remediate(story, target, { plan: frozen, decision: consent.decision, undo: false })
  switch (outcome.kind) {
    case 'refused':
      return (await endedByItself(story, target)) ?? refusedRun(outcome)
    case 'unknown':
      return unknownRun(story, target, outcome)
    case 'failed':
      return (outcome.changed > 0 ? await undo(story, target, frozen) : null) ?? triedOnce(outcome.says)
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
      return triedOnce('it held, and another alert goes on')
    case 'interrupted':
      return triedOnce('it helped until another alert came')
    case 'cannot-tell':
      return handOver('unknown', `${fault.playbook} ran, but ${verified.says}`)
    case 'not-recovered':
      return (await undo(story, target, frozen)) ?? triedOnce('it did not help')
  }
}

/** This repair, after what held before it. */
function heldSays({ repaired }: Story, { says, playbook }: KnownFault): string {
  const held = `${says}: repaired by ${playbook}, and it held.`
  return repaired === null ? held : `${repaired} ${held}`
}

function triedOnce(says: string): TriedOnce {
  return { kind: 'tried', says }
}

function namesOf(tried: readonly Tried[]): readonly string[] {
  return tried.map(({ playbook }) => playbook)
}

async function nothingFits(story: Story, tried: readonly Tried[], unseen: readonly string[]): Promise<Ending> {
  const before = tried.length === 0 ? '' : ` Before: ${triedSays(tried)}.`
  if (unseen.length > 0) {
    const reason = tried.length === 0 ? 'novel' : 'failed'
    return handOver(reason, `A known fault may be there, but could not be seen: ${unseen.join('; ')}.${before}`)
  }
  if (tried.length === 0) return diagnose(story)
  if (story.repaired !== null)
    return handOver('novel', `${story.repaired} Another alert goes on, and no known fault explains it.`)
  return handOver('failed', `No other playbook's known fault holds.${before}`)
}

function attemptsSays(tried: readonly Tried[]): string {
  return `${maximumAttempts} attempts are used: ${triedSays(tried)}. A person decides what comes next.`
}

function triedSays(tried: readonly Tried[]): string {
  return tried.map(({ playbook, says }) => `${playbook} (${says.replace(/\.$/, '')})`).join(', ')
}

/** Its workflow was continued, or lost: where a run may have been under way nothing can be assumed. */
async function resume(story: Story): Promise<Ending | null> {
  await findTarget(story)
  const { underWay } = await control.settleLostRuns({ incident: story.incident })
  story.lost = underWay
  if (story.state === 'handed-over') return null
  const run =
    underWay.length > 0
      ? 'A run was under way: what it came to is asked of the host, and it is not repeated.'
      : 'No run was under way. What was being done is not repeated.'
  return handOver('unknown', `Millwright lost track of this incident and takes no further step by itself. ${run}`)
}

/**
 * Step 14, or a person. What another alert contradicts is not the end: it is looked at again, `maximumLooks` times in
 * all.
 */
async function end(story: Story, goOn: (story: Story) => Promise<Ending | null>): Promise<void> {
  const ending = await goOn(story).catch(brokenStep)
  if (ending?.kind === 'close') {
    if (await recordClosed(story, ending)) return
    await record(story, 'investigating', { kind: 'more-alerts' })
    return end(story, repair)
  }
  // Null: people have it already.
  if (ending !== null) {
    const { reason, says } = ending
    await record(story, 'handed-over', { kind: 'handed-over', reason, says })
  }
  await stayWithPeople(story)
}
