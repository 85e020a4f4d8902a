import { z } from 'zod'
import { count } from '../params.ts'
import type { Probe } from '../probe.ts'

const maybe = count.nullable()

export default {
  description:
    "What the host wrote down about one of Millwright's own runs: whether it began, what it came to and how it ended.",
  params: z.strictObject({
    /** The run's fence: the host sees each number once. */
    fence: z.int().min(1).max(2_147_483_647),
  }),
  facts: z.strictObject({
    found: z.boolean(),
    run: z.string().nullable(),
    planDigest: z.string().nullable(),
    fence: maybe,
    /** The host by the name that the run used; null while nothing was counted. */
    host: z.string().nullable(),
    /** Ansible's counts; null while nothing was counted. */
    ok: maybe,
    failures: maybe,
    unreachable: maybe,
    changed: maybe,
    skipped: maybe,
    rescued: maybe,
    ignored: maybe,
    tasks: maybe,
    failedTask: z.string().nullable(),
    /** `ended`, `cancelled`, `expired` or `lost`; null while it lives, and after a crash of the host. */
    ended: z.string().nullable(),
    /** How many of its processes the host could not end; null while it lives. */
    left: maybe,
  }),
  timeoutSeconds: 5,
} satisfies Probe
