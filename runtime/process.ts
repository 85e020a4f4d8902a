// What each of our processes is given, and what it gives back. The supervisor starts modules by path; each gets only
// its own secrets.
import type { Logger } from 'pino'
import type { Config } from './config.ts'

export type ProcessContext = {
  readonly config: Config
  /** PostgreSQL connection string (unix socket when embedded). */
  readonly databaseUrl: string
  readonly temporal: { readonly address: string; readonly namespace: string }
  /** Private folder (0700) of this process for run folders and sockets. */
  readonly privateDir: string
  /**
   * Resolves a `file:` or `env:` reference of the config. Throws `config.invalid` when it can't, or when this process
   * may not have it.
   */
  readonly secret: (reference: string) => string
  readonly log: Logger
}

/** What `gateway/main.ts` and each `workers/*.ts` export as `start`. */
export type StartProcess = (context: ProcessContext) => Promise<Running>

export type Running = {
  /** For people: what it is and where it listens. */
  readonly says: string
  /** For the supervisor alone, by name: what only it may pass on, such as a one-time code. Never logged. */
  readonly tells?: Readonly<Record<string, string>>
  /** Ends within `shutdownSeconds`; after that the supervisor kills. */
  readonly stop: () => Promise<void>
}

export const shutdownSeconds = 20
