import { z } from 'zod'
import { count, mount, percent, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "Rotated logs older than a week in a mount's log folders: which, how large.",
  params: z.strictObject({ mount }),
  facts: z.strictObject({
    /** Paths, the largest first, at most 100. */
    files: texts,
    /** SHA-256 over the paths of all of them: another file, another digest. */
    digest: z.string(),
    count,
    bytes: count,
    /** The same as a share of the whole mount: what removing them would give back. */
    sharePercent: percent,
    /** `files` names all of them, and every folder could be read. */
    complete: z.boolean(),
  }),
  timeoutSeconds: 8,
} satisfies Probe
