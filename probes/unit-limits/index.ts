import { z } from 'zod'
import { count, percent, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: "A unit's limits of memory, tasks and open files, and how much of each is used.",
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    /** Bytes; null when nothing runs, or when there is no limit. */
    memory: count.nullable(),
    memoryMax: count.nullable(),
    tasks: count.nullable(),
    tasksMax: count.nullable(),
    /** Of the main process; null when that may not be seen without privilege. */
    openFiles: count.nullable(),
    /** The soft limit of the main process, or of the next one where none runs. */
    openFilesMax: count.nullable(),
    /** The limit that is used most; null when none can be compared. */
    nearest: z.enum(['memory', 'tasks', 'open files']).nullable(),
    nearestPercent: percent.nullable(),
  }),
  timeoutSeconds: 5,
} satisfies Probe
