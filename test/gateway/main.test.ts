// The process's own entry, as the supervisor starts it.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { start } from '../../gateway/main.ts'
import { Config } from '../../runtime/config.ts'
import { freePort } from '../../runtime/embedded-temporal.ts'
import type { Running } from '../../runtime/process.ts'
import { alertmanagerPayload, hookRequest, token } from '../support/gateway.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
let folder = ''
let url = ''
let running: Running
const lines: string[] = []

const write = (ids: readonly string[]) =>
  writeFileSync(
    join(folder, 'hosts.yaml'),
    stringify({ hosts: ids.map((id, at) => ({ id, address: `10.0.0.${at + 1}` })) }),
  )

beforeAll(async () => {
  db = await testStore()
  folder = mkdtempSync(join(tmpdir(), 'millwright-gateway-'))
  write(['web-01'])
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const config = Config.parse({
    listen: { address: '127.0.0.1', port },
    sources: { lab: { use: 'alertmanager', bearer: 'file:/token', targets: [{ host: 'instance' }] } },
    inventory: { use: 'yaml', file: join(folder, 'hosts.yaml') },
    temporal: { payloadKey: 'file:/key' },
  })
  running = await start({
    config,
    databaseUrl: db.url,
    privateDir: folder,
    secret: (reference) => (reference === 'file:/key' ? randomBytes(32).toString('base64') : token),
    temporal: { address: '127.0.0.1:1', namespace: 'default' },
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
  })
})
afterAll(async () => {
  await running.stop()
  await db.end()
  rmSync(folder, { recursive: true })
})

async function hostOf(instance: string): Promise<string | null> {
  const body = alertmanagerPayload(`{}:{instance="${instance}",n="${Math.random()}"}`, [
    { labels: { alertname: 'Down', instance } },
  ])
  const response = await fetch(`${url}/hooks/v1/lab`, hookRequest(body))
  expect(response.status).toBe(202)
  const id = /"incident_id":"([^"]+)"/.exec(await response.text())?.[1] ?? ''
  return (await db.store.selectFrom('incident').select('host').where('id', '=', id).executeTakeFirstOrThrow()).host
}

test('it takes alerts while the workflow server is down, and keeps what it would tell it', async () => {
  expect(running.says).toContain(url)
  expect(await hostOf('web-01')).toBe('web-01')
  const waiting = await db.store.selectFrom('dispatch').selectAll().where('done_at', 'is', null).execute()
  expect(waiting.length).toBeGreaterThan(0)
})

test('SIGHUP loads the inventory anew, and a broken one changes nothing', async () => {
  expect(await hostOf('web-02')).toBeNull()
  write(['web-01', 'web-02'])
  process.emit('SIGHUP')
  await vi.waitFor(async () => expect(await hostOf('web-02')).toBe('web-02'), { timeout: 60_000, interval: 100 })
  writeFileSync(join(folder, 'hosts.yaml'), 'hosts: [{ id: "-oProxyCommand=x", address: "10.0.0.1" }]')
  process.emit('SIGHUP')
  await vi.waitFor(() => expect(lines.join('')).toContain('Nothing was loaded anew'), { timeout: 60_000 })
  expect(await hostOf('web-02')).toBe('web-02')
})

test('the health page tells nothing but that it is there', async () => {
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true })
})
