// A database from a backup does not know the fences that hosts have seen since.
import { sql } from 'kysely'
import { insertAudit } from './audit.ts'
import type { Store } from './connect.ts'
import { localAdmin } from './people.ts'

/**
 * Lets the fences of all hosts go on above whatever any host has seen, with its audit event, and answers from where:
 * the seconds since 2026 began. No host gives two leases within a second, so that this holds for each later restoring,
 * too.
 */
export async function raiseFences(store: Store, at: Date): Promise<number> {
  return store.transaction().execute(async (tx) => {
    const { fence } = await tx
      .insertInto('restored')
      .values({
        at,
        fence: sql`greatest(extract(epoch from ${at}::timestamptz - timestamptz '2026-01-01 00:00:00Z')::bigint,
          (select max(fence) from host_lease), (select max(fence) from restored))`,
      })
      .returning('fence')
      .executeTakeFirstOrThrow()
    const { name, team } = localAdmin
    const who = { team, environment: 'default', actor: `person:${name}`, subject: 'fences' }
    await insertAudit(tx, [{ ...who, at, act: 'database.restored', digests: {}, detail: { fence } }])
    return Number(fence)
  })
}
