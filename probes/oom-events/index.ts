import { z } from 'zod'
import { count, epoch, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'Whether processes of a unit were killed for lack of memory.',
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    /** Something of the unit was killed for lack of memory since boot; null when that can't be told. */
    killed: z.boolean().nullable(),
    /** The counter of its control group; null when the unit has none now. */
    kills: count.nullable(),
    /** When systemd last noted such a kill in the journal; null when it did not. */
    last: epoch.nullable(),
    /** The unit's limit, bytes; null when it has none. */
    limitBytes: count.nullable(),
    /**
     * The last main process was ended by signal KILL: what an out-of-memory kill looks like where nothing counts it.
     */
    mainKilled: z.boolean(),
  }),
  timeoutSeconds: 5,
} satisfies Probe
