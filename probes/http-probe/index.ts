import { z } from 'zod'
import { count, endpoint } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'What a declared endpoint answers on loopback: status, time, or why nothing.',
  params: z.strictObject({ endpoint }),
  facts: z.strictObject({
    /** A status from 200 to 399 came within the time limit. */
    ok: z.boolean(),
    /** null when no HTTP answer came. */
    status: z.int().min(100).max(999).nullable(),
    milliseconds: count,
    /** null when an answer came. */
    error: z.enum(['refused', 'timeout', 'reset', 'garbled', 'other']).nullable(),
  }),
  timeoutSeconds: 5,
} satisfies Probe
