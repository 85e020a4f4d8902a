import { z } from 'zod'
import { count, mount, texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'Folders of a mount with most files; how many in log folders are older than a week.',
  params: z.strictObject({ mount }),
  facts: z.strictObject({
    /** `1873 /var/log/app/sessions`: the ten folders with the most files. */
    folders: texts,
    topFolder: z.string().nullable(),
    topCount: count,
    /** The folder below a declared log root with the most files older than seven days; null when there is none. */
    staleFolder: z.string().nullable(),
    staleCount: count,
    /** All files that were seen. */
    count,
    /** Every folder could be read. */
    complete: z.boolean(),
  }),
  timeoutSeconds: 8,
} satisfies Probe
