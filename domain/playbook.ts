// A playbook as its manifest declares it, after `catalogue/` has parsed and pinned it.
import type { Scalar } from './evidence.ts'
import type { Digest } from './ids.ts'
import type { DeclaredKind } from './inventory.ts'
import type { Predicate } from './predicate.ts'
import type { Touch, TouchKind } from './touch.ts'

/**
 * Where a parameter's value comes from; free text is not among them.
 * `inventory`: a declared unit or mount of the target; `enum`: one of `values`; `bounded-int`: `minimum`…`maximum`,
 * `value` unless changed; `computed`: a fact measured in the same round.
 */
export type Param =
  | { readonly name: string; readonly provenance: 'inventory'; readonly from: DeclaredKind }
  | { readonly name: string; readonly provenance: 'enum'; readonly values: readonly string[]; readonly value: string }
  | {
      readonly name: string
      readonly provenance: 'bounded-int'
      readonly minimum: number
      readonly maximum: number
      readonly value: number
    }
  | {
      readonly name: string
      readonly provenance: 'computed'
      readonly probe: string
      readonly params: Readonly<Record<string, Scalar>>
      readonly fact: string
    }

/** Names a known fault: every predicate of `all` holds and every one of `none` is known not to. */
export type Signature = {
  readonly id: string
  /** The fault in words: "$unit crashed". */
  readonly says: string
  readonly all: readonly Predicate[]
  readonly none: readonly Predicate[]
}

/** One declared effect. `list` names a fact (a list) that is shown item by item, such as the files to delete. */
export type Effect = {
  /** "Restart $unit". */
  readonly says: string
  readonly list: {
    readonly probe: string
    readonly params: Readonly<Record<string, Scalar>>
    readonly fact: string
  } | null
  /** What of the host it changes; names may hold `$name`. */
  readonly touches: readonly Touch[]
  /** What each item of the list is, where the effect touches them; else null. */
  readonly listed: TouchKind | null
  readonly reversible: boolean
}

/**
 * How a playbook may be used in an environment. `draft`: not at all; `shadow`: matched and logged; `suggest`: a person
 * decides.
 */
export type Mode = 'draft' | 'shadow' | 'suggest' | 'auto'

export type Playbook = {
  readonly id: string
  /** Semantic version, for people; machines use `digest`. */
  readonly version: string
  readonly digest: Digest
  readonly title: string
  /** What it does to the target, imperative: "Restart $unit". */
  readonly wants: string
  /** A team, mostly. */
  readonly owner: string
  /** Names of the people who wrote this version; none of them approves its runs. */
  readonly authors: readonly string[]
  readonly whenToUse: string
  readonly whenNotToUse: string
  /** 0 harmless … 3 needs two people. */
  readonly tier: 0 | 1 | 2 | 3
  /** By environment name; `*` for those not named. */
  readonly modes: Readonly<Record<string, Mode>>
  readonly params: readonly Param[]
  readonly signatures: readonly Signature[]
  /** Measured again right before the run, inside the lease. */
  readonly preconditions: readonly Predicate[]
  readonly effects: readonly Effect[]
  readonly verify: {
    readonly predicates: readonly Predicate[]
    /** How long the checks may take to hold for the first time, seconds. */
    readonly settleSeconds: number
    /** How long they must hold after that, seconds. */
    readonly soakSeconds: number
  }
  /** `play`: `undo.yml` in the playbook's folder; `none`: why there is nothing to undo. */
  readonly undo: { readonly kind: 'play' } | { readonly kind: 'none'; readonly reason: string }
  readonly limits: { readonly perHostHour: number; readonly cooldownSeconds: number }
  /** Hosts of one environment that it changes within an hour, all together. */
  readonly blastRadius: { readonly hostsPerHour: number }
  /** Playbooks that must not have changed the host within this one's cool-down. */
  readonly conflicts: readonly string[]
  /** When it may be carried out; none: at any time. */
  readonly windows: readonly Window[]
  /**
   * After this many seconds nothing of the run is alive on the controller or the host. At most 540 (the certificate
   * lives 60 s longer).
   */
  readonly hardTimeoutSeconds: number
}

/** 0 is Monday. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** Whole hours in the environment's time zone: from `from` until before `to`, which is 24 at most. */
export type Window = {
  readonly days: readonly (typeof weekdays)[number][]
  readonly from: number
  readonly to: number
}

/** All pinned playbooks; `digest` covers every one of them and the Ansible version. */
export type Catalogue = { readonly digest: Digest; readonly playbooks: readonly Playbook[] }

/** A playbook's mode in an environment; what nobody named is a draft. */
export function modeIn({ modes }: Pick<Playbook, 'modes'>, environment: string): Mode {
  return modes[environment] ?? modes['*'] ?? 'draft'
}
