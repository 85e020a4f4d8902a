import { z } from 'zod'
import { count, epoch, unit } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description:
    'What systemd says about a unit: whether it runs, how it last ended, how often it restarted, its memory.',
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    /** `loaded`, `not-found`, `masked`, `error`, … */
    loadState: z.string(),
    /** `active`, `activating`, `deactivating`, `inactive`, `failed`, `reloading`. */
    activeState: z.string(),
    /** `running`, `dead`, `auto-restart`, … */
    subState: z.string(),
    /** How it last ended: `success`, `exit-code`, `signal`, `oom-kill`, `start-limit-hit`, `timeout`, … */
    result: z.string(),
    /** 0 when no process runs. */
    mainPid: count,
    /** Exit status, or the signal's number, of the last main process. */
    execMainStatus: z.int(),
    /** `exited`, `killed`, `dumped`; null while it has never ended. */
    execMainCode: z.string().nullable(),
    /** How often systemd restarted it by itself. */
    nRestarts: count,
    /** `no`, `on-failure`, `always`, … */
    restart: z.string(),
    /** When it last became active; null when it never was since boot. */
    activeSince: epoch.nullable(),
    /** When it last left the active state; null when it never did. */
    inactiveSince: epoch.nullable(),
    /** systemd refuses to start it because it was started too often. */
    startLimitHit: z.boolean(),
    /** Bytes; null when nothing runs or accounting is off. */
    memoryCurrent: count.nullable(),
    /** Bytes; null when unlimited. */
    memoryMax: count.nullable(),
    /** Out-of-memory kills in its control group since it was made; null when that can't be seen. */
    oomKills: count.nullable(),
    /** `enabled`, `disabled`, `static`, `masked`, …; empty when there is no file. */
    unitFileState: z.string(),
  }),
  timeoutSeconds: 5,
} satisfies Probe
