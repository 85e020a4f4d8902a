// Write access to a host exists only while one run is leased, and only through this contract. Drivers: certificate,
// later the guard.
import type { Digest, RunId } from '../domain/ids.ts'
import type { InventoryHost } from '../domain/inventory.ts'
import type { RunFolder } from './ansible/run-folder.ts'
import type { Statistics } from './ansible/judge.ts'

export type DoorRequest = {
  readonly run: RunId
  readonly planDigest: Digest
  /** Must be above the last one that the host has seen. */
  readonly fence: number
  readonly host: InventoryHost
  readonly folder: RunFolder
  readonly hardTimeoutSeconds: number
}

/**
 * `busy`: another run lives on the host; `duplicate`: this run began there before; `stale`: a newer lease was seen
 * there;
 * `wrong-key`: the host's key is not the pinned one; `unreachable`: no connection, or no word in time.
 */
export type DoorRefusal = 'busy' | 'duplicate' | 'stale' | 'wrong-key' | 'unreachable'

export type Begun =
  | { readonly kind: 'open'; readonly door: OpenDoor }
  | { readonly kind: 'refused'; readonly why: DoorRefusal; readonly says: string }

export type OpenDoor = {
  /** Resolves when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>
  /** Resolves when the host has written the result down; never when it didn't. */
  readonly recorded: Promise<void>
  /** Tells the host's session one thing and waits for its last word; null when none came. */
  readonly finish: (op: 'end' | 'cancel') => Promise<Ended | null>
}

/** The host's last word: how it ended, how many processes it had to end, and how many it could not. */
export type Ended = { readonly how: string; readonly killed: number; readonly left: number }

/** A run as the host knows it: found by its fence, which no two that it let in share; its name is compared. */
export type LeasedRun = { readonly run: RunId; readonly fence: number }

/** What the host wrote down about a run. */
export type RunRecord =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly says: string }
  | {
      readonly kind: 'found'
      readonly planDigest: string | null
      readonly fence: number | null
      readonly statistics: Statistics | null
      /** `ended`, `cancelled`, `expired`, `lost`; null while nothing was written. */
      readonly ended: string | null
      /** How many of its processes the host could not end. */
      readonly left: number
    }

export type WriteDoor = {
  /** OpenSSH arguments by which Ansible shares the door's connection; they hold no key. */
  readonly sshArguments: readonly string[]
  /** Makes what `begin` needs, without reaching the host; where it was not called, `begin` makes it. */
  readonly prepare?: (request: Omit<DoorRequest, 'planDigest' | 'fence'>) => Promise<void>
  /** Opens access for one run and has the host record that it began. A refusal means that nothing was started. */
  readonly begin: (request: DoorRequest) => Promise<Begun>
  /** Reads the host's record of a run, over the reading account. */
  readonly status: (host: InventoryHost, run: LeasedRun) => Promise<RunRecord>
  /** Ends everything of the run on the host. Null: the host did not answer, so what it does is unknown. */
  readonly cancel: (door: OpenDoor) => Promise<Ended | null>
  /** Closes access after a run that came to its end. */
  readonly end: (door: OpenDoor) => Promise<Ended | null>
}
