// How a story ends, as data; `incident.ts` writes it.
import { log } from '@temporalio/workflow'
import type { ClosedReason, HandOverReason, Would } from '../domain/incident.ts'
import { causeOf } from './failed.ts'

export type HandedOver = { readonly kind: 'hand-over'; readonly reason: HandOverReason; readonly says: string }

export type Closed = {
  readonly kind: 'close'
  readonly reason: ClosedReason
  readonly person: string | null
  readonly says: string
  /** Firings that were known when Millwright saw it end; absent when a person ended it. */
  readonly firings?: number
  /** Of a dry run. */
  readonly would?: Would
}

export type Ending = HandedOver | Closed

/** A person gets it; `says` is the sentence that they read first. */
export function handOver(reason: HandOverReason, says: string): HandedOver {
  return { kind: 'hand-over', reason, says }
}

/** Millwright saw it end, with so many firings known. */
export function close(reason: ClosedReason, says: string, firings: number): Closed {
  return { kind: 'close', reason, person: null, says, firings }
}

/** A person ended it. */
export function closedBy({ person, says }: { readonly person: string; readonly says: string }): Closed {
  return { kind: 'close', reason: 'closed-by-person', person, says }
}

/** A step failed for good. People hear of it: an error that is thrown on would retry this task for ever, in silence. */
export function brokenStep(error: unknown): HandedOver {
  log.error('a step failed for good', { error })
  const cause = causeOf(error)
  const says = cause instanceof Error ? cause.message : String(cause)
  return handOver('broken', `It said: ${says.slice(0, 500)}`)
}
