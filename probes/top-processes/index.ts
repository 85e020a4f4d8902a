import { z } from 'zod'
import { count, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description:
    'Which processes use the most CPU right now and the most memory: name, pid and figures, never their arguments.',
  params: z.strictObject({}),
  facts: z.strictObject({
    /** `nginx 812 37.5`: name, pid, percent of one CPU over a quarter of a second; at most ten. */
    byCpu: texts,
    /** `postgres 99 734003200`: name, pid, resident bytes; at most ten. */
    byMemory: texts,
    busiest: z.string().nullable(),
    busiestPercent: z.number().min(0),
    largest: z.string().nullable(),
    largestBytes: count,
    processes: count,
  }),
  timeoutSeconds: 4,
} satisfies Probe
