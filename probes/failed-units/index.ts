import { z } from 'zod'
import { count, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'Which units of the host are in the failed state, whether declared or not.',
  params: z.strictObject({}),
  facts: z.strictObject({
    units: texts,
    count,
  }),
  timeoutSeconds: 5,
} satisfies Probe
