import { z } from 'zod'
import { count, mount, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'The largest files on a declared mount, and how much all of them take: what to look at when a disk is full.',
  params: z.strictObject({ mount }),
  facts: z.strictObject({
    /** Paths, the largest first, at most 20. */
    files: texts,
    /** Bytes of the largest one; null when there is no file. */
    largestBytes: count.nullable(),
    /** Bytes that all visible files take on the disk. */
    visibleBytes: count,
    /** Every folder could be read. */
    complete: z.boolean(),
  }),
  timeoutSeconds: 8,
} satisfies Probe
