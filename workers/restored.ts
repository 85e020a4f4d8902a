// `millwright up --restored`, after `prepare.ts` and before anything else runs: what happened since the backup is known
// to nobody here.
import type { StartProcess } from '../runtime/process.ts'
import { connectStore } from '../store/connect.ts'
import { localAdmin } from '../store/people.ts'
import { raiseFences } from '../store/restored.ts'
import { setSwitch } from '../store/switch.ts'

const says = 'The database was restored from a backup: approvals, stops, quarantines and runs since then are not in it.'

export const start: StartProcess = async ({ databaseUrl, log }) => {
  const store = connectStore(databaseUrl)
  try {
    const at = new Date()
    // First of all: whoever is let in again by a higher fence waits for a person.
    await setSwitch(store, { stopped: true, by: localAdmin.name, team: localAdmin.team, says, at })
    const fence = await raiseFences(store, at)
    log.warn({ fence }, 'the database was restored: all changes are stopped, and hosts take runs above this fence')
    return { says: 'restored', stop: () => Promise.resolve() }
  } finally {
    await store.destroy()
  }
}
