import { z } from 'zod'
import { count, epoch, texts, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "Whether a unit's configuration is the same as its last known good copy.",
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    /** SHA-256 over paths and contents; null when something could not be read. */
    digest: z.string().nullable(),
    /** The same over the last known good copy; null when there is none, or it could not be read. */
    knownGoodDigest: z.string().nullable(),
    /** null when either can't be told. */
    changedSinceKnownGood: z.boolean().nullable(),
    files: count,
    /** `changed /etc/nginx/nginx.conf`, `added …`, `removed …`: against the last known good copy, at most 100. */
    differences: texts,
    /** When the newest of them was changed; null when there is none. */
    newestChange: epoch.nullable(),
    /** Files that only root may read. */
    unreadable: count,
  }),
  timeoutSeconds: 8,
} satisfies Probe
