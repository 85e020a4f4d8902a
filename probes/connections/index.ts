import { z } from 'zod'
import { count, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "Connections to a unit's declared TCP ports now, and from how many addresses.",
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    ports: z.array(count).max(100),
    established: count,
    /** Different addresses on the other side; the host itself is one. */
    peers: count,
    /** Of the established ones, those from the host itself. */
    fromItself: count,
  }),
  timeoutSeconds: 5,
} satisfies Probe
