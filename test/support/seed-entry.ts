// A story goes on by one entry, as `record` would have written it.
import type { IncidentState } from '../../domain/incident.ts'
import type { TimelineEntry } from '../../domain/timeline.ts'
import type { Store } from '../../store/connect.ts'

/** The incident's story has asked for the run, as `remediate` does. */
export async function seedAsked(
  store: Store,
  incident: string,
  { run, plan, undo = false }: { readonly run: string; readonly plan: string; readonly undo?: boolean },
): Promise<void> {
  const deadline = new Date(Date.now() + 60_000).toISOString()
  await seedEntry(store, incident, 'remediating', { kind: 'run-requested', run, plan, deadline, undo })
}

/** One more entry of a story, and the state that it leads to. */
export async function seedEntry(
  store: Store,
  incident: string,
  state: IncidentState,
  entry: TimelineEntry,
): Promise<void> {
  const { sequence } = await store
    .updateTable('incident')
    .set((eb) => ({ state, sequence: eb('sequence', '+', 1) }))
    .where('id', '=', incident)
    .returning('sequence')
    .executeTakeFirstOrThrow()
  await store
    .insertInto('timeline')
    .values({ incident, sequence, at: new Date(), state, entry: JSON.stringify(entry) })
    .execute()
}
