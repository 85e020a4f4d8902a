// vitest's globalSetup: one real PostgreSQL server per test run, with a migrated template database.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { ensureDatabase, startPostgres } from '../../runtime/embedded-postgres.ts'
import { connectStore } from '../../store/connect.ts'
import { migrateStore } from '../../store/migrate.ts'

export const templateDatabase = 'millwright_template'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly postgresUrl: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-test-'))
  // The server's own user has to pass through to its private folders inside.
  chmodSync(folder, 0o711)
  const server = await startPostgres({
    dataDir: join(folder, 'data'),
    socketDir: join(folder, 'socket'),
    maxConnections: 200,
  })
  await ensureDatabase(server, templateDatabase)
  const store = connectStore(server.urlFor(templateDatabase))
  await migrateStore(store)
  await store.destroy()
  project.provide('postgresUrl', server.urlFor('postgres'))
  return async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
