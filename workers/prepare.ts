// Runs once before the others: brings the database to this version, and makes what the local user logs in with.
import type { StartProcess } from '../runtime/process.ts'
import { connectStore } from '../store/connect.ts'
import { migrateStore } from '../store/migrate.ts'
import { createLoginCode, localAdmin, openSession } from '../store/people.ts'

export const start: StartProcess = async ({ databaseUrl, log }) => {
  const store = connectStore(databaseUrl)
  try {
    const applied = await migrateStore(store)
    log.info({ applied }, 'the database is at this version')
    const now = new Date()
    const loginCode = await createLoginCode(store, localAdmin, now)
    const token = await openSession(store, localAdmin, 'cli', now)
    return { says: 'prepared', tells: { loginCode, token }, stop: () => Promise.resolve() }
  } finally {
    await store.destroy()
  }
}
