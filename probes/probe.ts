// What Millwright may look at: one folder per probe. The definition here is the authority for schema and facts; the
// reader beside it (`reader.py`, Python's standard library only) runs on the host. `probes/load.ts` finds the folders;
// nothing lists them.
import type { z } from 'zod'

/** A probe's folder exports one as default from `index.ts`. The folder's name is the probe's name. */
export type Probe = {
  /** One sentence for people (and later for a model): what it reads and when that helps. */
  readonly description: string
  /**
   * Closed object of typed parameters. Enumerations that depend on a host (units, mounts, endpoints) are strings here
   * and are checked against the host's own declaration there.
   */
  readonly params: z.ZodObject
  /** Closed object of facts: scalars, null, or short lists of scalars. What the host answers is parsed with it. */
  readonly facts: z.ZodObject
  /** How long the reader may take on the host, seconds (at most 10). */
  readonly timeoutSeconds: number
}
