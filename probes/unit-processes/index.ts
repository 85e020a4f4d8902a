import { z } from 'zod'
import { count, percent, texts, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "A unit's processes: how many, threads, which are stopped or stuck, CPU withheld.",
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    processes: count,
    threads: count,
    /** Of all of them together. */
    residentBytes: count,
    /** `python3 812 process stopped (T)`: those that do not go on by themselves, at most 20. */
    stuck: texts,
    stopped: count,
    zombies: count,
    /** Waiting for a disk or a network file system right now. */
    uninterruptible: count,
    /** Of the periods in which it wanted CPU, those in which its quota ended; null without a quota. */
    throttledPercent: percent.nullable(),
  }),
  timeoutSeconds: 5,
} satisfies Probe
