// Step 11: ask people, and wait. Silence never means yes.
import { condition } from '@temporalio/workflow'
import type { Decision } from '../../domain/decision.ts'
import type { DecisionId } from '../../domain/ids.ts'
import { asking, settle, type Pending, type Settled } from '../consent.ts'
import { closedBy, handOver, type Ending } from '../ending.ts'
import { nowWaiting, record, type Story } from '../story.ts'
import { beginMeasuring, endingBy, hasChanged, type Measuring } from './health.ts'
import type { FrozenPlan } from './plan.ts'
import { hearSource } from './source.ts'
import type { Target } from './scope.ts'

/** `decision` is null when policy lets the plan run alone. */
export type Consent =
  | { readonly kind: 'granted'; readonly decision: DecisionId | null }
  /** Somebody wants fresh evidence: what is planned from it is another plan, and needs a decision of its own. */
  | { readonly kind: 'look-again' }
  | { readonly kind: 'ended'; readonly ending: Ending }

type Proposal = {
  readonly frozen: FrozenPlan
  readonly kind: Pending['kind']
  /** Policy's. */
  readonly verdict: 'auto' | 'ask'
}

/** Policy lets it run alone, or people are asked. */
export async function approve(story: Story, target: Target, { frozen, kind, verdict }: Proposal): Promise<Consent> {
  // Who asked for fresh evidence wants to decide about it, whatever policy says by then.
  const wanted = kind === 'repair' && story.asks > 0
  return verdict === 'auto' && !wanted ? { kind: 'granted', decision: null } : ask(story, target, frozen, kind)
}

async function ask(story: Story, target: Target, frozen: FrozenPlan, kind: Pending['kind']): Promise<Consent> {
  const { plan, digest, approvals, expiresAt } = frozen
  const pending = { plan, digest, approvals, kind, until: expiresAt }
  story.asked = asking(pending)
  await record(story, 'awaiting-approval', { kind: 'asked', plan, digest, expiresAt })
  const waiting: Waiting = { pending, heard: 0, measuring: null }
  const settled = await waitForPeople(story, target, waiting)
  waiting.measuring?.drop()
  return consentOf(story, pending, settled)
}

type Waiting = {
  readonly pending: Pending
  /** So many decisions are written down. */
  heard: number
  /** Whether it has ended by itself. */
  measuring: Measuring | null
}

async function waitForPeople(story: Story, target: Target, waiting: Waiting): Promise<Settled> {
  const { pending } = waiting
  const until = Date.parse(pending.until)
  for (;;) {
    const left = until - Date.now()
    story.waiting = nowWaiting('a decision', pending)
    if (left > 0) await condition(() => mayEnd(story, waiting), left)
    await recordDecisions(story, waiting)
    if (isOpen(story)) await react(story, target, waiting)
    await recordDecisions(story, waiting)
    const settled = story.asked?.settled
    if (settled) return settled
  }
}

/** Somebody said something, or it may be over by itself. */
function mayEnd(story: Story, { heard, measuring }: Waiting): boolean {
  return (story.asked?.decisions.length ?? 0) > heard || !isOpen(story) || hasChanged(story, measuring)
}

/** Nobody's word has settled it. */
function isOpen({ asked }: Story): boolean {
  return asked?.settled === null
}

/** To what was not said by people: it is over by itself, its time is, or the source said something new. */
async function react(story: Story, target: Target, waiting: Waiting): Promise<void> {
  const { measuring, pending } = waiting
  if (measuring?.over === true) {
    waiting.measuring = null
    const ending = await endingBy(story, await measuring.measured)
    if (ending !== null) story.asked = settle(story.asked, { kind: 'over', ending })
  } else if (Date.now() >= Date.parse(pending.until)) {
    const ending = handOver('expired', 'Nobody decided in time, so the plan was not carried out.')
    story.asked = settle(story.asked, { kind: 'over', ending })
    await record(story, 'awaiting-approval', { kind: 'approval-expired', plan: pending.plan })
  } else if (story.sourceChanged && measuring === null) {
    waiting.measuring = await measureIfResolved(story, target)
  }
}

/** The source said something new: when all is well by our own measurement the plan is withdrawn. */
async function measureIfResolved(story: Story, target: Target): Promise<Measuring | null> {
  if (!(await hearSource(story))) return null
  await record(story, story.state, { kind: 'source-resolved' })
  return beginMeasuring(story, target)
}

/** Also those of a plan that is withdrawn: nothing runs for it any more. */
async function recordDecisions(story: Story, waiting: Waiting): Promise<void> {
  const { plan } = waiting.pending
  for (;;) {
    const decision = story.asked?.decisions[waiting.heard]
    if (decision === undefined) return
    const { verdict, person, reason } = decision
    waiting.heard += 1
    await record(story, 'awaiting-approval', { kind: 'decided', plan, verdict, person, reason })
  }
}

async function consentOf(story: Story, { plan }: Pending, settled: Settled): Promise<Consent> {
  switch (settled.kind) {
    case 'over':
      return ended(settled.ending)
    case 'closing':
      return ended(closedBy(settled.closing))
    case 'more': {
      const { person, says } = settled.question
      await record(story, 'awaiting-approval', { kind: 'more-asked', plan, person, says })
      return { kind: 'look-again' }
    }
    case 'decided':
      return verdictOf(settled.decision)
  }
}

function verdictOf({ verdict, person, reason, id }: Decision): Consent {
  switch (verdict) {
    case 'approve':
      return { kind: 'granted', decision: id }
    case 'reject':
      return ended(handOver('rejected', `${person} rejected the plan: ${reason || 'no reason given'}`))
    case 'take-over':
      return ended(handOver('taken-over', `${person} took over.`))
  }
}

function ended(ending: Ending): Consent {
  return { kind: 'ended', ending }
}
