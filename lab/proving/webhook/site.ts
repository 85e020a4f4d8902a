// A gateway in a process of its own on a real database, whose rows are read past it.
import { fork } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { stringify } from 'yaml'
import { z } from 'zod'
import { ensureDatabase, startPostgres } from '../../../runtime/embedded-postgres.ts'
import { freePort } from '../../../runtime/embedded-temporal.ts'
import { connectStore } from '../../../store/connect.ts'
import { migrateStore } from '../../../store/migrate.ts'

export const credentials = { token: 'token-of-the-proof', key: 'key-of-the-proof-that-is-long-enough' } as const

/** Hosts that exist; those of the other team no source of ours may name. */
export const ownHosts: readonly string[] = Array.from({ length: 12 }, (_, at) => `web-${at}`)
export const foreignHost = 'db-0'

const targets = [{ host: 'instance', unit: 'name', mount: 'mountpoint' }]
const fields = {
  alerts: '/alerts',
  groupKey: '/groupKey',
  name: '/labels/alertname',
  startsAt: '/startsAt',
  allLabels: '/labels',
}

export type Site = {
  readonly port: number
  /** Rows, read past the gateway. */
  readonly query: (text: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>
  /** The gateway's process still lives. */
  readonly lives: () => boolean
  readonly end: () => Promise<void>
}

export async function startSite(): Promise<Site> {
  const folder = mkdtempSync('/tmp/millwright-proof-')
  chmodSync(folder, 0o711)
  const postgres = await startPostgres({ dataDir: join(folder, 'data'), socketDir: join(folder, 'socket') })
  await ensureDatabase(postgres, 'millwright')
  const store = connectStore(postgres.url)
  await migrateStore(store)
  await store.destroy()
  const port = await freePort()
  const hosts = [
    ...ownHosts.map((id, at) => ({ id, address: `10.0.0.${at + 1}`, units: [{ name: 'nginx.service' }] })),
    { id: foreignHost, address: '10.0.1.1', team: 'others' },
  ]
  writeFileSync(join(folder, 'hosts.yaml'), stringify({ hosts }))
  const config = {
    listen: { address: '127.0.0.1', port },
    inventory: { use: 'yaml', file: join(folder, 'hosts.yaml') },
    sources: {
      am: { use: 'alertmanager', bearer: 'file:/token', targets },
      twin: { use: 'alertmanager', bearer: 'file:/token', targets },
      signed: { use: 'generic', hmac: { secret: 'file:/key' }, fields, targets },
    },
  }
  const given = { config, databaseUrl: postgres.url, privateDir: folder, secrets: credentials }
  const child = fork(new URL('gateway.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  child.send(given)
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)))
  })
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2 })
  return {
    port,
    query: async (text, values = []) =>
      z.array(z.record(z.string(), z.unknown())).parse((await pool.query(text, [...values])).rows),
    lives: () => child.exitCode === null && child.signalCode === null,
    end: async () => {
      const ended = new Promise<void>((resolve) =>
        child.exitCode === null ? child.once('exit', () => resolve()) : resolve(),
      )
      if (child.connected) child.disconnect()
      await ended
      await pool.end()
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
