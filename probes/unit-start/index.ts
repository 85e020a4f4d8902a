import { z } from 'zod'
import { texts, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'What a unit starts and needs: programs, account, folders, drop-ins; what of it is wrong.',
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    /** In words, each with the path that it is about; at most 20. */
    problems: texts,
    /** `simple`, `notify`, `oneshot`, …, as systemd calls how it learns that the unit has started. */
    type: z.string(),
    /** Empty: root. */
    account: z.string(),
    /** Programs and files that its commands name, links followed: `/usr/bin/python3 -> /usr/bin/python3.11`. */
    programs: texts,
    /** Files beside the unit's own that change it. */
    dropIns: texts,
    /** Of unit, drop-ins, programs and files of its environment, what was written in the last 24 hours. */
    changed: texts,
    /** systemd still goes by an older text of the unit. */
    needsReload: z.boolean(),
    /** Whether its conditions held when it was last started; null when it never was. */
    conditionHeld: z.boolean().nullable(),
  }),
  timeoutSeconds: 5,
} satisfies Probe
