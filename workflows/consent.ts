// When a person's message counts. Refused updates leave no history, so the gateway writes them down.
import { ApplicationFailure } from '@temporalio/workflow'
import type { Decision } from '../domain/decision.ts'
import type { FailureCode } from '../domain/failure.ts'
import type { Story } from './story.ts'

/** Refuses what is late, for another plan, or already decided. `now` is the workflow's time, in milliseconds. */
export function acceptDecision({ pending, decisions }: Story, decision: Decision, now: number): void {
  if (pending === null) throw refuse('conflict.already-decided', 'No plan of this incident waits for a decision.')
  if (decision.planDigest !== pending.digest) {
    throw refuse('conflict.plan-changed', 'This decision is about another plan than the one that waits now.')
  }
  if (now > Date.parse(decision.validUntil) || now > Date.parse(pending.until)) {
    throw refuse('conflict.expired', 'This decision came too late: nothing runs because of it.')
  }
  const last = decisions.find((one) => one.verdict !== 'approve')
  if (last !== undefined || decisions.length >= pending.approvals) {
    throw refuse('conflict.already-decided', 'This plan is already decided.')
  }
  if (decisions.some((one) => one.person === decision.person && decision.verdict === 'approve')) {
    throw refuse('conflict.already-decided', 'You have approved this already: a second person decides.')
  }
}

/** A person ends an incident while it waits for people, not while something is being done. */
export function acceptClose({ closable, closing }: Story): void {
  if (closing !== null) throw refuse('conflict.already-decided', 'This incident is already being closed.')
  if (!closable) {
    throw refuse('conflict.not-delivered', 'Millwright is working on this incident; close it when it waits for people.')
  }
}

function refuse(code: FailureCode, says: string): ApplicationFailure {
  return ApplicationFailure.create({ type: code, message: says, nonRetryable: true })
}
