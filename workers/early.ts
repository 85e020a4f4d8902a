// Connects to a host as soon as an alert about it is recorded: while its workflow starts, the handshake is made and the
// host's program starts. Only a head start, in which nothing is asked: whoever asks does both when this did not.
import type { InventorySnapshot } from '../domain/inventory.ts'
import type { ReadConnections } from '../runtime/ssh.ts'
import { startWorkLoop } from '../runtime/work-loop.ts'
import type { Store } from '../store/connect.ts'
import { dispatchChannel, hostsToBeTold } from '../store/dispatch.ts'
import { listen } from '../store/listen.ts'

/** Of one look; in a storm the others wait for their turn anyway. */
const mostHosts = 8
/** It is woken by what it hears; what it did not hear needs no head start. */
const idleMilliseconds = 60_000

export type EarlyDeps = Pick<ReadConnections, 'open'> & {
  readonly store: Store
  readonly databaseUrl: string
  readonly inventory: () => InventorySnapshot
}

export function openEarly({ store, databaseUrl, inventory, open }: EarlyDeps): { readonly stop: () => Promise<void> } {
  const loop = startWorkLoop({
    idle: idleMilliseconds,
    pause: idleMilliseconds,
    failed: () => undefined,
    work: async () => {
      const told = await hostsToBeTold(store, mostHosts)
      for (const host of inventory().hosts) if (told.includes(host.id)) open(host)
      return false
    },
  })
  const ears = listen(databaseUrl, [dispatchChannel], loop.wake)
  return {
    stop: async () => {
      await Promise.all([ears.stop(), loop.stop()])
    },
  }
}
