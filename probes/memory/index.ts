import { z } from 'zod'
import { count, percent } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'Memory that the host has and uses; in a container that of its own control group.',
  params: z.strictObject({}),
  facts: z.strictObject({
    /** Whose figures these are. */
    source: z.enum(['machine', 'control-group']),
    totalBytes: count,
    availableBytes: count,
    usedPercent: percent,
    /** null where swap is not counted. */
    swapUsedBytes: count.nullable(),
    /** Out-of-memory kills since boot; null when that can't be seen. */
    oomKills: count.nullable(),
  }),
  timeoutSeconds: 3,
} satisfies Probe
