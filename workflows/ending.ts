// How a story ends, as data; `incident.ts` writes it.
import { ActivityFailure, log } from '@temporalio/workflow'
import type { ClosedReason, HandOverReason } from '../domain/incident.ts'

export type HandedOver = { readonly kind: 'hand-over'; readonly reason: HandOverReason; readonly says: string }

export type Closed = {
  readonly kind: 'close'
  readonly reason: ClosedReason
  readonly person: string | null
  readonly says: string
}

export type Ending = HandedOver | Closed

/** A person gets it; `says` is the sentence that they read first. */
export function handOver(reason: HandOverReason, says: string): HandedOver {
  return { kind: 'hand-over', reason, says }
}

/** It is over; `person` is null when Millwright saw it end. */
export function close(reason: ClosedReason, says: string, person: string | null = null): Closed {
  return { kind: 'close', reason, person, says }
}

/** A step failed for good. People hear of it: an error that is thrown on would retry this task for ever, in silence. */
export function brokenStep(error: unknown): HandedOver {
  log.error('a step failed for good', { error })
  const cause = error instanceof ActivityFailure ? error.cause : error
  const says = cause instanceof Error ? cause.message : String(cause)
  return handOver('failed', `A step of Millwright's own failed for good: ${says.slice(0, 500)}`)
}
