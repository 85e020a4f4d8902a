import { z } from 'zod'
import { texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "The host's name servers, and which of them do not answer within a second.",
  params: z.strictObject({}),
  facts: z.strictObject({
    /** The first three of /etc/resolv.conf, as the C library takes them. */
    servers: texts,
    silent: texts,
  }),
  timeoutSeconds: 3,
} satisfies Probe
