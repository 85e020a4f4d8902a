// What a fault is: how to break a real host from outside, how to judge its health without asking Millwright, and what
// may change.
import type { HostState, LabState } from './state.ts'

/** One host of a running lab, as the lab itself sees it. */
export type Target = {
  readonly state: LabState
  readonly host: HostState
  /** The host's file tree as this machine sees it. */
  readonly root: string
}

/** What a repair of this fault may touch. Everything else must be as it was before the fault. */
export type Allowance = {
  readonly units: readonly string[]
  readonly ports: readonly number[]
  /** Files, or folders with a slash at the end. */
  readonly files: readonly string[]
}

/**
 * Where a correct operator ends: repaired by these playbooks in this order, or with a person, or with nothing to do.
 */
export type Ending =
  | { readonly kind: 'repaired'; readonly by: readonly string[] }
  | { readonly kind: 'handed-over' | 'nothing-to-do'; readonly why: string }

/** What the oracle sees. Both lists empty: healthy, and nothing else was touched. */
export type Findings = {
  /** What is still broken, one sentence each. */
  readonly problems: readonly string[]
  /** What was harmed that had to stay. */
  readonly collateral: readonly string[]
}

export type Fault = {
  /** What is wrong with the host, in one sentence. */
  readonly summary: string
  /** The alert of the lab's rules that this fault raises first. */
  readonly alert: string
  /**
   * What a first look must show to whoever knows nothing else, written from what the fault does; null: nothing is to be
   * seen on the host.
   */
  readonly clue: RegExp | null
  readonly ending: Ending
  /** No signature knows it: where a model is configured, it is asked. */
  readonly novel?: true
  readonly mayChange: Allowance
  /** Breaks the host for real. The host must be healthy before. */
  readonly break: (target: Target) => Promise<void>
  /** Looks at files, processes and ports from outside. */
  readonly judge: (target: Target) => Promise<Findings>
  /** Repairs the host as its operator would, whatever was tried before. */
  readonly heal: (target: Target) => Promise<void>
}
