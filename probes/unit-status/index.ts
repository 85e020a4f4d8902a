import { z } from 'zod'
import { count, epoch, unit, words } from '../params.ts'
import type { Probe } from '../probe.ts'

export default {
  description: 'What systemd says of a unit: whether it runs, how it ended, restarts, memory.',
  params: z.strictObject({ unit }),
  facts: z.strictObject({
    loadState: words('stub loaded not-found bad-setting error merged masked'),
    activeState: words('active activating deactivating inactive failed reloading refreshing maintenance'),
    /** `running`, `dead`, `auto-restart`, … */
    subState: z.string(),
    /** How it last ended. */
    result: words(
      'success exit-code signal core-dump timeout watchdog oom-kill start-limit-hit',
      'resources protocol exec-condition skip-condition',
      'trigger-limit-hit service-start-limit-hit unit-start-limit-hit',
    ),
    /** 0 when no process runs. */
    mainPid: count,
    /** Exit status, or the signal's number, of the last main process. */
    execMainStatus: z.int(),
    /** null while it has never ended. */
    execMainCode: z.enum(['exited', 'killed', 'dumped']).nullable(),
    /** How often systemd restarted it by itself. */
    nRestarts: count,
    restart: words('no always on-success on-failure on-abnormal on-abort on-watchdog'),
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
    /** Empty when there is no file. */
    unitFileState: words(
      'enabled enabled-runtime linked linked-runtime alias masked masked-runtime',
      'static disabled invalid indirect generated transient bad',
      '',
    ),
  }),
  timeoutSeconds: 5,
} satisfies Probe
