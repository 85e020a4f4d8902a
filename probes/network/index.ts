import { z } from 'zod'
import { texts } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'Interfaces that are down or lose packets, addresses, default route, refused routes.',
  params: z.strictObject({}),
  facts: z.strictObject({
    /** `eth1 down`. */
    down: texts,
    /** `eth0: 12 errors`: received and sent, since the interface came up. */
    losing: texts,
    /** `eth0 192.0.2.4/24`. */
    addresses: texts,
    /** `192.0.2.1 eth0`; null where there is none. */
    defaultRoute: z.string().nullable(),
    /** `blackhole 198.51.100.0/24`: where packets are thrown away. */
    refusing: texts,
  }),
  timeoutSeconds: 4,
} satisfies Probe
