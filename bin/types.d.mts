// The nouns of the set-up, for the JSDoc of this folder and for the TypeScript that imports it.

export type ToolName =
  | 'packages'
  | 'node'
  | 'temporal'
  | 'postgres'
  | 'ansible'
  | 'database-user'
  | 'system-packages'
  | 'chromium'
  | 'lab-base'

/**
 * Where a step says what it does. `line` is always shown; `tick` replaces itself on a terminal and is thinned out
 * elsewhere.
 */
export type Progress = { readonly line: (text: string) => void; readonly tick: (text: string) => void }

/** One thing that must be there before a command can run. */
export type Tool = {
  readonly name: ToolName
  /** What it is needed for, as half a sentence. */
  readonly why: string
  /** The place where it is put, for people. */
  readonly where: () => string
  /** What to type when it cannot be had by itself. */
  readonly fix: string
  /** Where it is, or null. Reads a few files at most: this runs before every command. */
  readonly find: () => string | null
  /** What getting it changes on the machine outside the clone and the cache, one entry a change. */
  readonly changes?: (progress: Progress) => Promise<readonly string[]>
  /** Gets it, complete or not at all. Throws `SetupError`. */
  readonly get: (progress: Progress) => Promise<void>
}
