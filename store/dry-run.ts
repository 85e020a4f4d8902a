// Dry runs that are under way.
import type { Store } from './connect.ts'

export async function countDryRuns(store: Store): Promise<number> {
  const { total } = await store
    .selectFrom('incident')
    .select(({ fn }) => fn.countAll<string>().as('total'))
    .where('dry_run', '=', true)
    .where('state', '<>', 'closed')
    .executeTakeFirstOrThrow()
  return Number(total)
}
