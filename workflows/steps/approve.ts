// Step 11: ask people, and wait. Silence never means yes.
import { condition } from '@temporalio/workflow'
import type { Decision } from '../../domain/decision.ts'
import type { DecisionId } from '../../domain/ids.ts'
import { control } from '../activities.ts'
import { closedBy, handOver, type Ending } from '../ending.ts'
import { orElse } from '../failed.ts'
import { nowWaiting, record, type Story } from '../story.ts'
import { beginMeasuring, ended as isOver, type Measuring } from './health.ts'
import type { FrozenPlan } from './plan.ts'
import type { Target } from './scope.ts'

/** `decision` is null when policy lets the plan run alone. */
export type Consent =
  | { readonly kind: 'granted'; readonly decision: DecisionId | null }
  /** Somebody wants fresh evidence: what is planned from it is another plan, and needs a decision of its own. */
  | { readonly kind: 'again' }
  | { readonly kind: 'ended'; readonly ending: Ending }

/** `undo`: the plan takes back another one, so fresh evidence would not change it. */
export async function ask(story: Story, target: Target, frozen: FrozenPlan, undo = false): Promise<Consent> {
  const { plan, digest, approvals, expiresAt } = frozen
  story.decisions = []
  story.asking = null
  story.pending = { plan, digest, approvals, undo, until: expiresAt }
  story.closable = true
  await record(story, 'awaiting-approval', { kind: 'asked', plan, digest, expiresAt })
  const consent = await waitForPeople(story, target, frozen)
  story.pending = null
  story.closable = false
  return consent
}

type Waiting = {
  /** So many decisions are written down. */
  heard: number
  /** Whether it has ended by itself. */
  measuring: Measuring | null
}

async function waitForPeople(story: Story, target: Target, frozen: FrozenPlan): Promise<Consent> {
  const until = Date.parse(frozen.expiresAt)
  const waiting: Waiting = { heard: 0, measuring: null }
  for (;;) {
    const left = until - Date.now()
    story.waiting = nowWaiting('a decision', story.pending)
    if (left > 0) await condition(() => hasNews(story, waiting), left)
    const consent = await react(story, target, frozen, waiting)
    if (consent === null) continue
    waiting.measuring?.drop()
    return consent
  }
}

/** What the source says while it is measured is read afterwards. */
function hasNews(story: Story, { heard, measuring }: Waiting): boolean {
  const { decisions, closing, asking, sourceChanged } = story
  const changed = measuring === null ? sourceChanged : measuring.over
  return decisions.length > heard || closing !== null || asking !== null || changed
}

/** Null: it goes on waiting. */
async function react(story: Story, target: Target, frozen: FrozenPlan, waiting: Waiting): Promise<Consent | null> {
  const { heard, measuring } = waiting
  const decision = story.decisions[heard]
  if (measuring?.over === true) {
    waiting.measuring = null
    const ending = await isOver(story, await measuring.health)
    return ending === null ? null : withdrawn(story, frozen, { heard, ending })
  }
  if (decision !== undefined) {
    waiting.heard += 1
    await recordDecision(story, frozen, decision)
    return consentOf(frozen, decision, waiting.heard)
  }
  if (story.closing !== null) return ended(closedBy(story.closing))
  if (story.asking !== null) {
    const { person, says } = story.asking
    await record(story, 'awaiting-approval', { kind: 'more-asked', plan: frozen.plan, person, says })
    return { kind: 'again' }
  }
  if (Date.now() >= Date.parse(frozen.expiresAt)) {
    await record(story, 'awaiting-approval', { kind: 'approval-expired', plan: frozen.plan })
    return ended(handOver('expired', 'Nobody decided in time. Nothing was run.'))
  }
  if (story.sourceChanged && measuring === null) waiting.measuring = await reactToSource(story, target)
  return null
}

/** The source said something new: when all is well by our own measurement the plan is withdrawn. */
async function reactToSource(story: Story, target: Target): Promise<Measuring | null> {
  story.sourceChanged = false
  const { status } = await orElse(control.readSource({ incident: story.incident }), { status: 'firing' } as const)
  if (status === 'firing') return null
  await record(story, story.state, { kind: 'source-resolved' })
  return beginMeasuring(story, target)
}

type Withdrawal = { readonly heard: number; readonly ending: Ending }

/** Whoever decided while it was measured is written down, too; nothing runs for it any more. */
async function withdrawn(story: Story, frozen: FrozenPlan, { heard, ending }: Withdrawal): Promise<Consent> {
  for (const decision of story.decisions.slice(heard)) await recordDecision(story, frozen, decision)
  return ended(ending)
}

async function recordDecision(story: Story, { plan }: FrozenPlan, decision: Decision): Promise<void> {
  const { verdict, person, reason } = decision
  await record(story, 'awaiting-approval', { kind: 'decided', plan, verdict, person, reason })
}

function consentOf({ approvals }: FrozenPlan, decision: Decision, given: number): Consent | null {
  switch (decision.verdict) {
    case 'approve':
      return given >= approvals ? { kind: 'granted', decision: decision.id } : null
    case 'reject':
      return ended(
        handOver('rejected', `${decision.person} rejected the plan: ${decision.reason || 'no reason given'}`),
      )
    case 'take-over':
      return ended(handOver('taken-over', `${decision.person} took over.`))
  }
}

function ended(ending: Ending): Consent {
  return { kind: 'ended', ending }
}
