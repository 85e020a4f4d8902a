import { z } from 'zod'
import { count, epoch, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "The newest lines of a unit's journal since boot, and how many are errors.",
  params: z.strictObject({ unit, lines: z.int().min(1).max(200) }),
  facts: z.strictObject({
    lines: count,
    /** Lines of priority error or worse. */
    errors: count,
    newest: epoch.nullable(),
    /** The newest line of priority error or worse, at most 300 characters. */
    lastError: z.string().nullable(),
  }),
  timeoutSeconds: 5,
} satisfies Probe
