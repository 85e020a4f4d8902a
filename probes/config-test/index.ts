import { z } from 'zod'
import { count, unit, words } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "Whether a unit's own program accepts its configuration; if not, file and line.",
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    /** Which program judged, as the host's declaration says. */
    tester: words('nginx sshd none'),
    /** null: not judged, because there is no tester for it or something could not be read without privilege. */
    valid: z.boolean().nullable(),
    /**
     * The program judged and said no. False without a tester, so that such a unit is not held back; null when the
     * tester could not judge.
     */
    refused: z.boolean().nullable(),
    /** The first complaint; null when there is none. */
    message: z.string().nullable(),
    file: z.string().nullable(),
    line: count.nullable(),
  }),
  timeoutSeconds: 5,
} satisfies Probe
