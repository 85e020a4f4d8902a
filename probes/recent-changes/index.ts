import { z } from 'zod'
import { count, epoch, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'What changed in the last 24 hours: packages, unfinished ones, configuration files.',
  params: z.strictObject({}),
  facts: z.strictObject({
    /** `upgrade nginx-light:amd64 1.22.1-9`, oldest first, at most 50; null when there is no package log to read. */
    packages: texts.nullable(),
    lastPackageChange: epoch.nullable(),
    /** Packages whose last step did not end, such as `half-configured nginx`; null without a package log. */
    unfinished: texts.nullable(),
    /** Declared configuration files, the newest first, at most 50. */
    configs: texts,
    lastConfigChange: epoch.nullable(),
    /** Packages and files together. */
    count,
    /** Seconds since boot. */
    uptimeSeconds: count.nullable(),
  }),
  timeoutSeconds: 5,
} satisfies Probe
