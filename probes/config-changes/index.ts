import { z } from 'zod'
import { count, texts, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "Lines of a unit's configuration that differ from its last known good copy.",
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    /** `changed /etc/nginx/nginx.conf`, `added …`, `removed …`: files that could be compared, at most 20. */
    files: texts,
    /** Lines that came, and lines that went. */
    added: count,
    removed: count,
    /** Whether there is a copy to compare with. */
    compared: z.boolean(),
  }),
  timeoutSeconds: 6,
} satisfies Probe
