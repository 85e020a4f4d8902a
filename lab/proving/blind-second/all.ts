// The second blind set: forty faults as production has them, listed before they were coded, by somebody who had read
// neither a probe, nor a pack, nor the first set, and delivered before any of them was asked about. What a lab host
// shares with its machine is not among them: clock skew, conntrack, swap and limits of the kernel.
import type { StrangeFault } from '../strange-faults.ts'
import { deliveries } from './deliveries.ts'
import { dependencies } from './dependencies.ts'
import { permissions } from './permissions.ts'
import { resources } from './resources.ts'
import { units } from './units.ts'
import { webServer } from './web-server.ts'

/** Nothing may be mended by what they show: then they would be tuned as any other. */
export const secondBlind: readonly StrangeFault[] = [
  ...webServer,
  ...deliveries,
  ...units,
  ...permissions,
  ...resources,
  ...dependencies,
]
