import { z } from 'zod'
import { count, mount, percent, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'The largest files on a mount, and how much all of them take.',
  params: z.strictObject({ mount }),
  facts: z.strictObject({
    /** Paths, the largest first, at most 20. */
    files: texts,
    /** Bytes of the largest one; null when there is no file. */
    largestBytes: count.nullable(),
    /** The largest one, and its share of the whole mount; null when there is no file. */
    largest: z.string().nullable(),
    largestPercent: percent.nullable(),
    /** It is a log that is still written by its name (`….log`), below a declared log root. */
    largestIsLog: z.boolean(),
    /** Bytes that all visible files take on the disk. */
    visibleBytes: count,
    /** Every folder could be read. */
    complete: z.boolean(),
  }),
  timeoutSeconds: 8,
} satisfies Probe
