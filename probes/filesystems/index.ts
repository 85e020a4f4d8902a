import { z } from 'zod'
import { count, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'File systems, declared or not, that are nearly full, out of inodes, or read-only.',
  params: z.strictObject({}),
  facts: z.strictObject({
    /** Those that hold files; network file systems are not asked, since a lost one answers nobody. */
    fileSystems: count,
    /** `/var 97.2 %`: bytes used of those that a program may use, from 85 % on. */
    full: texts,
    fullInodes: texts,
    /** `/var ext4`. */
    readOnly: texts,
  }),
  timeoutSeconds: 4,
} satisfies Probe
