// One file per command in this folder; `main.ts` finds it by its name. Commands are clients of the HTTP API:
// only `up demo doctor lab config host bootstrap` start anything, and they do so by path.
import type { Command } from 'commander'

/** What a file in `cli/` exports as default. The file's name is the command's name. */
export type CliCommand = {
  /** One line for `millwright --help`. */
  readonly summary: string
  /** Adds arguments, options and the action to a command that already has its name and summary. */
  readonly build: (command: Command) => void
}

/** Exit codes, the same for every command (ecosystem reference, section 3). */
export const exitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  cancelled: 3,
  auth: 4,
  rejected: 5,
  expired: 6,
  verificationFailed: 7,
  pending: 8,
} as const
