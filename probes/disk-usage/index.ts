import { z } from 'zod'
import { count, mount, percent } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'How full a mount is, in bytes and inodes; whether it is mounted and writable.',
  params: z.strictObject({ mount }),
  facts: z.strictObject({
    /** The declared path is a mount point of its own. */
    mounted: z.boolean(),
    /** As `df` counts: used / (used + available to users). */
    usedPercent: percent,
    sizeBytes: count,
    /** Available to users without privilege. */
    freeBytes: count,
    /** null where the file system counts none. */
    inodesUsedPercent: percent.nullable(),
    inodesFree: count.nullable(),
    readOnly: z.boolean(),
    /** `ext4`, `tmpfs`, …; null when unknown. */
    fileSystem: z.string().nullable(),
  }),
  timeoutSeconds: 5,
} satisfies Probe
