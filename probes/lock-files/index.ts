import { z } from 'zod'
import { count, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'Lock and pid files in the usual folders, and those whose process is gone.',
  params: z.strictObject({}),
  facts: z.strictObject({
    files: count,
    /** `/run/acme.lock: pid 4711 is gone, 2 days old`, at most 20. */
    stale: texts,
    /** Written within the last 24 hours, whose process runs. */
    held: texts,
  }),
  timeoutSeconds: 4,
} satisfies Probe
