import { z } from 'zod'
import { count, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'Which units have failed, declared or not, why, and the last lines of their journals.',
  params: z.strictObject({}),
  facts: z.strictObject({
    units: texts,
    count,
    /** `acme-sync.service: exit-code, exited 217`: of the first five. */
    why: texts,
  }),
  timeoutSeconds: 6,
} satisfies Probe
