import { z } from 'zod'
import { count, epoch, mount, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "The last lines of a mount's newest logs, and how many tell of errors.",
  params: z.strictObject({ mount, lines: z.int().min(1).max(200) }),
  facts: z.strictObject({
    /** Paths in the declared log folders, the most recently written first, at most four; rotated ones are left out. */
    files: texts,
    /** Of these, how many may not be read without privilege. */
    unreadable: count,
    /** When the newest was written to; null when there is none from the last 24 hours. */
    newest: epoch.nullable(),
    /** Lines that tell of an error, among those that were read. */
    errors: count,
    /** The last of them in the newest file that has one, at most 300 characters. */
    lastError: z.string().nullable(),
  }),
  timeoutSeconds: 8,
} satisfies Probe
