// What was paid is written down, also where the database fails for a moment: the answer is in hand, and asking again
// costs it again.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import type { Store } from '../../store/connect.ts'
import type { Database } from '../../store/schema.ts'

/** Between tries, milliseconds: as long as a database needs to start again, or a spare one to take over. */
const pauses = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000] as const

type Keeping = {
  readonly store: Store
  /** Ends the trying. */
  readonly stopped: AbortSignal
  /** Waits; the clock unless said otherwise. */
  readonly pause?: ((milliseconds: number) => Promise<void>) | undefined
}

/**
 * In one transaction, which may be carried out again after it was committed: nobody hears of every commit. Throws what
 * the database said last.
 */
export async function keep(
  { store, stopped, pause }: Keeping,
  write: (tx: Transaction<Database>) => Promise<void>,
): Promise<void> {
  for (const milliseconds of pauses) {
    try {
      return await store.transaction().execute(write)
    } catch (error) {
      await (pause?.(milliseconds) ?? sleep(milliseconds, undefined, { signal: stopped }).catch(() => undefined))
      if (stopped.aborted) throw error
    }
  }
  return store.transaction().execute(write)
}
