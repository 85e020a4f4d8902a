import { z } from 'zod'
import { count, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'Processes that use most CPU and memory: name, pid, unit, never arguments.',
  params: z.strictObject({}),
  facts: z.strictObject({
    /** `nginx 812 37.5 nginx.service`: name, pid, percent of one CPU over a quarter of a second, unit; at most ten. */
    byCpu: texts,
    /** `postgres 99 734003200 postgresql.service`: name, pid, resident bytes, unit; at most ten. */
    byMemory: texts,
    busiest: z.string().nullable(),
    busiestPercent: z.number().min(0),
    largest: z.string().nullable(),
    largestBytes: count,
    processes: count,
  }),
  timeoutSeconds: 4,
} satisfies Probe
