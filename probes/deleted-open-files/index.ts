import { z } from 'zod'
import { count, mount, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'Space on a mount that no visible file accounts for: deleted files still open.',
  params: z.strictObject({ mount }),
  facts: z.strictObject({
    /**
     * `812 nginx 60817408 /var/log/nginx/access.log`: pid, process, bytes, former path. Only of processes that may be
     * seen.
     */
    files: texts,
    /** Bytes of all deleted open files; null unless every process could be seen. */
    bytes: count.nullable(),
    /**
     * Used bytes minus what all visible files take; null unless every folder could be read. Includes the file system's
     * own.
     */
    unaccountedBytes: count.nullable(),
    /** The same as a share of the mount. */
    unaccountedPercent: z.number().min(0).max(100).nullable(),
    /** Processes whose open files could not be seen without privilege. */
    unseenProcesses: count,
  }),
  timeoutSeconds: 8,
} satisfies Probe
