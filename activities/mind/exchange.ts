// One paid call: reserved before it, asked, then settled in the transaction that keeps its answer.
import { Context } from '@temporalio/activity'
import { canonicalJson } from '../../domain/canonical-json.ts'
import type { Spent } from '../../domain/budget.ts'
import { Failure, failureCode } from '../../domain/failure.ts'
import { sentence } from '../../domain/gate.ts'
import type { Message, Price, Question, Reply, Tier } from '../../domain/model.ts'
import { dollarsOf, worstDollarsOf } from '../../domain/price.ts'
import { duration } from '../../domain/text.ts'
import type { BudgetsConfig } from '../../runtime/config.ts'
import { sha256 } from '../../runtime/digest.ts'
import { redactText } from '../../runtime/redaction.ts'
import type { Store } from '../../store/connect.ts'
import { type Investigation, putMessage, type TurnKey } from '../../store/investigation.ts'
import { type Call, maximumAttempts, reserveCall, settleCall, type Taken } from '../../store/model-call.ts'
import type { Exchanged } from '../types.ts'
import { countedUsage, type Most, mostOf } from './counted.ts'
import { keep } from './kept.ts'
import { withoutOwnSecrets } from './own-secrets.ts'
import { mayBePaid } from './paid.ts'

/** A model of the config, bound to its key and to the only way out. */
export type AskedModel = {
  /** The provider's name for it. */
  readonly model: string
  /** The origin that it asks; null: nobody outside. */
  readonly address: string | null
  readonly price: Price
  readonly ask: (question: Question, signal: AbortSignal) => Promise<Reply>
}

export type MindDeps = {
  readonly store: Store
  readonly budgets: BudgetsConfig
  readonly models: { readonly planner: AskedModel | null; readonly reader: AskedModel | null }
  /** Ends a call; the activity's own cancellation unless said otherwise. */
  readonly cancelled?: () => AbortSignal
  /** Ends a call after so many milliseconds; the clock unless said otherwise. */
  readonly timeout?: (milliseconds: number) => AbortSignal
  /** Waits; the clock unless said otherwise. */
  readonly pause?: (milliseconds: number) => Promise<void>
}

/** Of one call, whatever is left of a budget. */
const longestCallMilliseconds = 240_000
/** Longer than this nobody waits for a provider to take requests again. */
const longestWaitMilliseconds = 300_000
const agent = 'millwright'

type Exchange = {
  readonly key: TurnKey
  readonly tier: Tier
  readonly investigation: Investigation
  readonly question: Question
  /** What stands of the answer in the conversation. */
  readonly kept: (reply: Reply) => readonly [Message, 'answer' | 'read']
}

/**
 * Throws `upstream.unavailable` where it may go better later; a call that was asked too often, or never will be
 * answered, is a value.
 */
export async function exchange(deps: MindDeps, asked: Exchange): Promise<Exchanged> {
  const { key, tier, investigation, question } = asked
  const model = deps.models[tier]
  if (model === null) return { kind: 'failed', says: `No model is configured as ${tier}.` }
  const { team, environment, service } = investigation
  const sent = canonicalJson(question)
  const most = mostOf(sent, question)
  const call: Call = {
    ...key,
    tier,
    team,
    environment,
    service,
    agent,
    model: model.model,
    worst: worstOf(model.price, most),
    sent: { bytes: Buffer.byteLength(sent), digest: sha256(sent), to: model.address ?? '' },
    pricedBy: model.price.listed,
  }
  const taken = await reserveCall(deps.store, call, deps.budgets)
  if (taken.kind === 'given-up') return { kind: 'failed', says: givenUp(model.model, taken.last) }
  if (taken.kind !== 'reserved') return taken
  return askReserved(deps, { ...call, reserved: taken.reserved }, { ...asked, sent, most }, model)
}

function givenUp(model: string, last: string | null): string {
  const end = last === null ? 'no answer came.' : `the last answer: ${last}`
  return `${model} was asked ${maximumAttempts} times; ${end}`
}

function worstOf(price: Price, most: Most): Spent {
  return {
    tokens: most.input + most.output,
    dollars: worstDollarsOf(price, most),
    milliseconds: longestCallMilliseconds,
  }
}

type ReservedCall = Call & { readonly reserved: Taken }

async function askReserved(
  deps: MindDeps,
  call: ReservedCall,
  { question, kept, sent, most }: Exchange & { readonly sent: string; readonly most: Most },
  model: AskedModel,
): Promise<Exchanged> {
  const since = performance.now()
  const time = deps.timeout?.(call.reserved.milliseconds) ?? AbortSignal.timeout(call.reserved.milliseconds)
  const stopped = deps.cancelled?.() ?? Context.current().cancellationSignal
  const asked = await model.ask(question, AbortSignal.any([time, stopped])).then(
    (reply) => ({ reply }),
    (error: unknown) => ({ error }),
  )
  const milliseconds = performance.now() - since
  const keeping = { store: deps.store, stopped, pause: deps.pause }
  if ('reply' in asked) {
    const reply = withoutOwnSecrets(asked.reply)
    const usage = countedUsage(reply, sent, most)
    const { stop } = reply
    const settled = { kind: 'answered', usage, stop, dollars: dollarsOf(model.price, usage), milliseconds } as const
    // Both or neither: an answer that stands was settled, so nobody asks for it again.
    await keep(keeping, async (tx) => {
      await settleCall(tx, call, settled, deps.budgets)
      await putMessage(tx, call, ...kept(reply))
    })
    return { kind: 'answered' }
  }
  const { error } = asked
  const fault = time.aborted && !stopped.aborted ? tooSlow(model.model, call.reserved.milliseconds) : error
  const failed = {
    kind: 'failed',
    paid: mayBePaid(error),
    says: saysOf(fault),
    milliseconds: milliseconds + waitOf(fault),
  } as const
  // Its worst case stays counted where that can't be written down: no reason to hide what the model said.
  const isKept = await keep(keeping, (tx) => settleCall(tx, call, failed, deps.budgets)).then(
    () => true,
    () => false,
  )
  if (stopped.aborted) throw error
  return judged(isKept ? fault : unwritten(fault))
}

/** It stays what it was, and says more. */
function unwritten(error: unknown): unknown {
  if (!(error instanceof Failure)) return error
  const { code, hint, retryAfterMilliseconds } = error
  return new Failure({
    code,
    message: `${error.message} What it cost could not be written down.`,
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMilliseconds === undefined ? {} : { retryAfterMilliseconds }),
    cause: error,
  })
}

/** Thrown where it may go better later; a value where it never will. */
function judged(error: unknown): Exchanged {
  const code = failureCode(error)
  const says = saysOf(error)
  if (code === 'upstream.rejected') return { kind: 'failed', says }
  if (code !== 'upstream.unavailable') throw error
  const wait = asksForMilliseconds(error)
  if (wait <= longestWaitMilliseconds) throw error
  return { kind: 'failed', says: `${says} It wants to be left alone for ${duration(wait)}.` }
}

/** Until the next attempt. It is time of the incident's budget, too: else a polite provider holds it for hours. */
function waitOf(error: unknown): number {
  const wait = asksForMilliseconds(error)
  return failureCode(error) === 'upstream.unavailable' && wait <= longestWaitMilliseconds ? wait : 0
}

function asksForMilliseconds(error: unknown): number {
  return error instanceof Failure ? (error.retryAfterMilliseconds ?? 0) : 0
}

/** What libraries say may repeat what they were given. */
function saysOf(error: unknown): string {
  return sentence(redactText(error instanceof Error ? error.message : 'It could not be asked.'))
}

function tooSlow(model: string, milliseconds: number): Failure {
  return new Failure({
    code: 'upstream.unavailable',
    message: `${model} has not answered within ${duration(milliseconds)}.`,
    hint: 'Look at the provider’s own status, or give it more seconds: budgets.incident.seconds',
  })
}
