import { z } from 'zod'
import { count, epoch } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'Whether the clock is kept in step, how far it may be off, and the uptime.',
  params: z.strictObject({}),
  facts: z.strictObject({
    now: epoch,
    /** The kernel's word; null when it can't be asked. */
    synchronized: z.boolean().nullable(),
    /** The kernel's own bound of the error, milliseconds; null when it can't be asked. */
    maximumErrorMilliseconds: count.nullable(),
    /** `Etc/UTC`; null when unknown. */
    timezone: z.string().nullable(),
    uptimeSeconds: count.nullable(),
  }),
  timeoutSeconds: 3,
} satisfies Probe
