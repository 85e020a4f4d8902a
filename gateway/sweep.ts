// Once an hour: sums up what is counted and removes what is kept no longer. Several gateways may try: one of them does.
import { startWorkLoop, type WorkLoop } from '../runtime/work-loop.ts'
import { sweep } from '../store/retention.ts'
import type { GatewayDeps } from './deps.ts'

const everyMilliseconds = 3_600_000
const afterErrorMilliseconds = 60_000

export function startSweep({ store, config, log }: Pick<GatewayDeps, 'store' | 'config' | 'log'>): WorkLoop {
  return startWorkLoop({
    idle: everyMilliseconds,
    pause: afterErrorMilliseconds,
    failed: (error) => log.warn({ error }, 'old rows could not be removed; it is tried again'),
    work: async (signal) => {
      const swept = await sweep(store, config.retention, signal)
      if (swept !== null && Object.keys(swept).length > 0) log.info({ swept }, 'old rows were removed')
      return false
    },
  })
}
