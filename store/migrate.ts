// Forward-only migrations: numbered .sql files, each once, in one transaction, under kysely's advisory lock.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { Migrator, type Migration, type MigrationProvider } from 'kysely/migration'
import { Failure } from '../domain/failure.ts'
import type { Store } from './connect.ts'

const folder = join(import.meta.dirname, 'migrations')
const fileName = /^\d{4}-[a-z0-9-]+\.sql$/

/**
 * Brings the database to this version, and answers the files that were missing. A number is given when a file is begun
 * and not when it lands, so one with a smaller number than what a database has may still be missing there. Two
 * processes may do it at once. Throws `store.unavailable` naming the file that failed.
 */
export async function migrateStore(store: Store, path: string = folder): Promise<readonly string[]> {
  const migrator = new Migrator({ db: store, provider: sqlFiles(path), allowUnorderedMigrations: true })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error === undefined) return results.map((result) => result.migrationName)
  const failed = results.find((result) => result.status === 'Error')?.migrationName ?? 'connecting'
  throw new Failure({
    code: 'store.unavailable',
    message: `The database could not be brought to this version (${failed}).`,
    hint: 'Nothing of the failed step was kept. A database of a newer version is never taken back: use the version that wrote it.',
    cause: error,
  })
}

function sqlFiles(path: string): MigrationProvider {
  return {
    getMigrations: async () => {
      const names = (await readdir(path)).filter((name) => name.endsWith('.sql'))
      const odd = names.find((name) => !fileName.test(name))
      if (odd !== undefined) throw new Error(`${odd} is not named NNNN-words.sql`)
      const entries = names.sort().map((name) => [name.replace(/\.sql$/, ''), sqlFile(join(path, name))] as const)
      return Object.fromEntries(entries)
    },
  }
}

function sqlFile(path: string): Migration {
  return {
    up: async (db) => {
      await sql.raw(await readFile(path, 'utf8')).execute(db)
    },
  }
}
