import { z } from 'zod'
import { count, texts, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

const ports = z.array(count).max(100)

export default {
  description: "Who listens on a unit's declared TCP ports; on which others the unit itself does.",
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    /** As the host's declaration says. */
    expected: ports,
    listening: ports,
    missing: ports,
    /** That the unit listens on beside the declared ones, such as the one that it was moved to. */
    undeclared: ports,
    /** Expected ports that nobody from outside reaches: listened on at loopback addresses only. */
    loopbackOnly: ports,
    /** Every expected port is listened on, by whomever. */
    allListening: z.boolean(),
    /** `80 apache2.service`: the unit (or session scope) whose control group made the listening socket. */
    holders: texts,
    /** Expected ports that something else than this unit holds. */
    heldByOthers: ports,
    /** Some expected port is held by something else; null when a holder could not be seen. */
    taken: z.boolean().nullable(),
  }),
  timeoutSeconds: 5,
} satisfies Probe
