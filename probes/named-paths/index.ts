import { z } from 'zod'
import { count, texts, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "Paths that a unit's configuration names: which are missing, dangling, links or empty.",
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    /** Different ones, at most 300. */
    paths: count,
    /** `/srv/www (default:12)`: path, and file and line that name it first; at most 20, as in each list. */
    missing: texts,
    /** `/var/www/html -> /srv/releases/7 (default:12)`: a link in it leads nowhere. */
    dangling: texts,
    /** Links that lead somewhere. */
    links: texts,
    /** `/var/www/flag, 9 hours old (default:3)`: empty files. */
    empty: texts,
    /** Named, and not to be seen without privilege. */
    hidden: count,
  }),
  timeoutSeconds: 6,
} satisfies Probe
