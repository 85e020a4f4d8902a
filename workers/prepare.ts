// Runs once before the others: brings the database to this version, and makes what the local user logs in with.
import type { StartProcess } from '../runtime/process.ts'
import { connectStore } from '../store/connect.ts'
import { migrateStore } from '../store/migrate.ts'
import { grantMind } from '../store/mind-role.ts'
import { invite, localAdmin } from '../store/people.ts'
import { endSessions, openSession } from '../store/session.ts'

export const start: StartProcess = async ({ databaseUrl, log }) => {
  const store = connectStore(databaseUrl)
  try {
    const applied = await migrateStore(store)
    await grantMind(store)
    log.info({ applied }, 'the database is at this version')
    const now = new Date()
    const { code: loginCode } = await invite(store, localAdmin, null, now)
    await endSessions(store, localAdmin.name, 'local')
    const token = await openSession(store, { person: localAdmin, kind: 'local' }, now)
    return { says: 'prepared', tells: { loginCode, token }, stop: () => Promise.resolve() }
  } finally {
    await store.destroy()
  }
}
