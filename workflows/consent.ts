// When a person's message counts. Refused updates leave no history, so the gateway writes them down.
import { ApplicationFailure } from '@temporalio/workflow'
import type { Decision } from '../domain/decision.ts'
import type { FailureCode } from '../domain/failure.ts'
import type { Question } from './messages.ts'
import type { Pending, Story } from './story.ts'

/** Refuses what is late, for another plan, or already decided. `now` is the workflow's time, in milliseconds. */
export function acceptDecision({ pending, decisions, asking }: Story, decision: Decision, now: number): void {
  if (pending === null || asking !== null)
    throw refuse('conflict.already-decided', 'No plan of this incident waits for a decision.')
  if (decision.planDigest !== pending.digest) {
    throw refuse('conflict.plan-changed', 'This decision is about another plan than the one that waits now.')
  }
  if (now > Date.parse(decision.validUntil) || now > Date.parse(pending.until)) {
    throw refuse('conflict.expired', 'This decision came too late: nothing runs because of it.')
  }
  if (isDecided(pending, decisions)) throw refuse('conflict.already-decided', 'This plan is already decided.')
  if (decisions.some((one) => one.person === decision.person && decision.verdict === 'approve')) {
    throw refuse('conflict.already-decided', 'You have approved this already: a second person decides.')
  }
}

/** Fresh evidence is collected so often for one incident at most: each time moves the moment at which it expires. */
export const maximumAsks = 3

/** Refuses what is for another plan, already decided, or asked too often. */
export function acceptQuestion({ pending, decisions, asks, asking }: Story, { planDigest }: Question): void {
  if (pending === null || asking !== null)
    throw refuse('conflict.already-decided', 'No plan of this incident waits for a decision.')
  if (planDigest !== pending.digest)
    throw refuse('conflict.plan-changed', 'This is about another plan than the one that waits now.')
  if (isDecided(pending, decisions)) throw refuse('conflict.already-decided', 'This plan is already decided.')
  if (pending.undo) throw refuse('input.usage', 'An undo is not planned anew: approve it, reject it or take over.')
  if (asks >= maximumAsks)
    throw refuse('input.usage', `It was looked at anew ${maximumAsks} times: approve it, reject it or take over.`)
}

/** A person ends an incident while it waits for people, not while something is being done. */
export function acceptClose({ closable, closing }: Story): void {
  if (closing !== null) throw refuse('conflict.already-decided', 'This incident is already being closed.')
  if (!closable) {
    throw refuse('conflict.not-delivered', 'Millwright is working on this incident; close it when it waits for people.')
  }
}

function isDecided({ approvals }: Pending, decisions: readonly Decision[]): boolean {
  return decisions.length >= approvals || decisions.some(({ verdict }) => verdict !== 'approve')
}

function refuse(code: FailureCode, says: string): ApplicationFailure {
  return ApplicationFailure.create({ type: code, message: says, nonRetryable: true })
}
