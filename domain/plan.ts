// A plan is frozen data: built, shown, decided, and run exactly as decided. Its digest is over its canonical JSON.
import type { Digest, EvidenceId, HostId, IncidentId, PlanId } from './ids.ts'
import type { FactValue, Scalar } from './evidence.ts'
import type { Params, Predicate } from './predicate.ts'
import type { Touch } from './touch.ts'

/**
 * Where a parameter's value came from: its class, and the thing that produced it (inventory id, manifest, evidence id).
 */
export type Provenance = { readonly class: 'inventory' | 'enum' | 'bounded-int' | 'computed'; readonly origin: string }

/** One line of the preview, computed from declared effects and measured facts; nothing privileged ran to make it. */
export type Change = {
  readonly says: string
  readonly items: readonly Scalar[]
  /** All that the run may change of the host because of this line: data, never read out of the sentence. */
  readonly touches: readonly Touch[]
  readonly reversible: boolean
}

export type Precondition = {
  readonly predicate: Predicate
  readonly observed: FactValue
  readonly evidence: EvidenceId | null
}

export type Plan = {
  readonly version: 1
  readonly kind: 'remediate' | 'undo'
  readonly id: PlanId
  readonly incident: IncidentId
  /** 1 or 2; an undo has the number of what it undoes. */
  readonly attempt: number
  readonly team: string
  readonly environment: string
  readonly playbook: { readonly id: string; readonly version: string; readonly digest: Digest }
  readonly wants: string
  readonly tier: 0 | 1 | 2 | 3
  readonly params: Params
  readonly provenance: Readonly<Record<string, Provenance>>
  /** Always one for now; empty is an error, never "all". */
  readonly hosts: readonly [{ readonly id: HostId; readonly name: string; readonly hostKeys: readonly string[] }]
  /** Which known fault this answers; null when nothing known fully holds (such a plan is never carried out alone). */
  readonly signature: string | null
  readonly because: string
  readonly evidence: readonly EvidenceId[]
  readonly preconditions: readonly Precondition[]
  readonly preview: readonly Change[]
  readonly undo: 'play' | 'none'
  readonly hardTimeoutSeconds: number
  /** Digests of what it was built from. */
  readonly built: { readonly catalogue: Digest; readonly policies: Digest; readonly inventory: Digest }
  /** ISO 8601; after `expiresAt` it is re-made, never run. */
  readonly createdAt: string
  readonly expiresAt: string
}
