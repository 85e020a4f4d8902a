import { z } from 'zod'
import { count, epoch, texts, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "Certificates in a unit's configuration: until when each holds, when it changed.",
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    /** `/etc/nginx/tls/site.pem until 2026-12-01T00:00:00Z, changed 2026-11-20T10:00:00Z`, the first to end first. */
    certificates: texts,
    expired: texts,
    /** Until the first one ends; negative when it has. Null where there is none. */
    secondsLeft: z.int().nullable(),
    /** Changed in the last 7 days. */
    changed: texts,
    newestChange: epoch.nullable(),
    /** Files that look like certificates and may not be read without privilege. */
    unreadable: count,
  }),
  timeoutSeconds: 8,
} satisfies Probe
