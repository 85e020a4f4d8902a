// What a probe answered. Evidence is immutable and content-addressed; facts are its typed values.
import type { EvidenceId } from './ids.ts'

export type Scalar = string | number | boolean
export type FactValue = Scalar | null | readonly Scalar[]
export type Facts = Readonly<Record<string, FactValue>>

/** One typed read: a name from the closed list of `probes/` and its parameters. Never a command line. */
export type ProbeRequest = {
  readonly probe: string
  readonly params: Readonly<Record<string, Scalar>>
}

/** `failed` is evidence too: what could not be seen, and why. */
export type ProbeOutcome =
  | { readonly status: 'ok'; readonly facts: Facts; readonly excerpt: string; readonly truncated: boolean }
  | { readonly status: 'failed'; readonly reason: ProbeFailure; readonly message: string }

/**
 * `unreachable`: no connection; `wrong-key`: the host's key is not the pinned one (a security finding);
 * `refused`: the host's program denied the request; `timeout`: its time limit passed; `broken`: it answered nonsense.
 */
export type ProbeFailure = 'unreachable' | 'wrong-key' | 'refused' | 'timeout' | 'broken'

export type Evidence = {
  readonly id: EvidenceId
  readonly request: ProbeRequest
  readonly outcome: ProbeOutcome
  /** Our clock, ISO 8601. */
  readonly takenAt: string
  /** The host's clock, ISO 8601; null when it never answered. */
  readonly hostClock: string | null
  /** The host's own digest of what it sent; null when it never answered. */
  readonly hostDigest: string | null
}

/** Two requests ask the same thing. */
export function sameRequest(a: ProbeRequest, b: ProbeRequest): boolean {
  const keys = Object.keys(a.params)
  return (
    a.probe === b.probe &&
    keys.length === Object.keys(b.params).length &&
    keys.every((key) => a.params[key] === b.params[key])
  )
}

/** Each different request once, in the order of its first appearance. */
export function distinctRequests(requests: readonly ProbeRequest[]): readonly ProbeRequest[] {
  return requests.filter((request, at) => requests.findIndex((other) => sameRequest(other, request)) === at)
}

/** `unit-status nginx.service`. */
export function requestSays({ probe, params }: ProbeRequest): string {
  return [probe, ...Object.values(params).map(String)].join(' ')
}
