// Who has opened what waits for a person, lately.
import type { Looker } from '../domain/telling/view.ts'
import type { Store } from './connect.ts'

/** After this nobody assumes that they still look, milliseconds. */
const lately = 10 * 60_000
/** So many of them are named. */
const maximumLookers = 5

/** Like a login's last use, a look is written down when a page is read; nothing else comes of it. */
export async function noteLook(store: Store, incident: string, person: string, at: Date): Promise<void> {
  await store
    .insertInto('looked')
    .values({ incident, person, at })
    .onConflict((conflict) => conflict.columns(['incident', 'person']).doUpdateSet({ at }))
    .execute()
}

/** The last ones first. */
export async function lookersOf(store: Store, incident: string, now: Date): Promise<readonly Looker[]> {
  const rows = await store
    .selectFrom('looked')
    .select(['person', 'at'])
    .where('incident', '=', incident)
    .where('at', '>', new Date(now.getTime() - lately))
    .orderBy('at', 'desc')
    .limit(maximumLookers)
    .execute()
  return rows.map(({ person, at }) => ({ person, at: at.toISOString() }))
}
