// A gateway in a process of its own on a real database, whose rows are read past it.
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { stringify } from 'yaml'
import { z } from 'zod'
import { ensureDatabase, startPostgres } from '../../../runtime/embedded-postgres.ts'
import { freePort } from '../../../runtime/embedded-temporal.ts'
import { connectStore } from '../../../store/connect.ts'
import { migrateStore } from '../../../store/migrate.ts'

export const credentials = {
  token: 'token-of-the-proof',
  key: 'key-of-the-proof-that-is-long-enough',
  payloadKey: randomBytes(32).toString('base64'),
} as const

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
  const folder = mkdtempSync(join(tmpdir(), 'millwright-proof-'))
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
    temporal: { payloadKey: 'file:/payload-key' },
    sources: {
      am: { use: 'alertmanager', bearer: 'file:/token', targets },
      twin: { use: 'alertmanager', bearer: 'file:/token', targets },
      signed: { use: 'generic', hmac: { secret: 'file:/key' }, fields, targets },
    },
  }
  const given = { config, databaseUrl: postgres.url, privateDir: folder, secrets: credentials }
  const child = fork(new URL('gateway.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  child.send(given)
  const ended = once(child, 'exit')
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2 })
  // Its end does not wait for its connections' end, and the server's then reaches them: no news.
  pool.on('error', () => undefined)
  const end = async (): Promise<void> => {
    if (child.connected) child.disconnect()
    await ended
    await pool.end()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const running = await Promise.race([once(child, 'message').then(() => true), ended.then(() => false)])
  if (!running) {
    // Without this the database would keep the proof's process alive, silent, for good.
    await end()
    throw new Error(
      `the gateway ended with ${child.exitCode ?? child.signalCode} before it ran; its own words stand above`,
    )
  }
  return {
    port,
    query: async (text, values = []) =>
      z.array(z.record(z.string(), z.unknown())).parse((await pool.query(text, [...values])).rows),
    lives: () => child.exitCode === null && child.signalCode === null,
    end,
  }
}
