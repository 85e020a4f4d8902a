import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Config, emptyConfig } from '../../runtime/config.ts'
import { secretsFor } from '../../runtime/secret-shares.ts'
import { setSwitch } from '../../store/switch.ts'
import { alertmanagerPayload, hookRequest, labConfig, testGateway, token } from '../support/gateway.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const config = { ...labConfig, telemetry: { scrape: { bearer: 'file:/secrets/scrape' } } }
const secret = (reference: string) => (reference === 'file:/secrets/scrape' ? 'token-of-the-scraper' : token)
const bearer = (value: string) => ({ headers: { authorization: `Bearer ${value}` } })
const gateway = () => testGateway(db.store, { config, secret })

async function scrape(): Promise<string> {
  const response = await (await gateway()).request('/metrics', bearer('token-of-the-scraper'))
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return response.text()
}

function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1))
}

describe('who may read it', () => {
  test('nobody, until the config names a credential, and the answer says with which line', async () => {
    for (const closed of [emptyConfig, labConfig]) {
      const app = await testGateway(db.store, { config: closed })
      const response = await app.request('/metrics', bearer(token))
      expect(response.status).toBe(404)
      const { hint } = z.looseObject({ hint: z.string() }).parse(await response.json())
      expect(hint).toContain('telemetry: { scrape: { bearer: "file:/path/of/token" } }')
    }
  })

  test.each([
    ['none', {}],
    ['a wrong one', bearer('token-of-the-scrapes')],
    ['an empty one', bearer('')],
    ["a source's", bearer(token)],
    ['another scheme', { headers: { authorization: 'Basic token-of-the-scraper' } }],
  ])('%s is no credential', async (_, init) => {
    const response = await (await gateway()).request('/metrics', init)
    expect(response.status).toBe(401)
    expect(await response.text()).not.toContain('millwright_')
  })

  test('its credential opens nothing else', async () => {
    const response = await (await gateway()).request('/api/v1/incidents', bearer('token-of-the-scraper'))
    expect(response.status).toBe(401)
  })

  test('the gateway alone is given the credential', () => {
    const folder = mkdtempSync(join(tmpdir(), 'millwright-scrape-'))
    try {
      writeFileSync(join(folder, 'token'), 'value')
      const reference = `file:${join(folder, 'token')}`
      const shared = Config.parse({ telemetry: { scrape: { bearer: reference } } })
      expect(secretsFor('control', shared)).toEqual({ [reference]: { value: 'value' } })
      expect(secretsFor('hands', shared)).toEqual({})
      expect(secretsFor('prepare', shared)).toEqual({})
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('what it says', () => {
  test('what was counted, how things stand, and this process', async () => {
    const app = await gateway()
    const alert = { labels: { alertname: 'Down', instance: 'web-01:9100', name: 'nginx.service' } }
    expect((await app.request('/hooks/v1/lab', hookRequest(alertmanagerPayload('{}', [alert])))).status).toBe(202)
    const text = await scrape()

    expect(valueOf(text, 'millwright_deliveries_total{source="lab",result="opened"}')).toBe(1)
    expect(valueOf(text, 'millwright_alerts_total{source="lab",status="firing"}')).toBe(1)
    expect(valueOf(text, 'millwright_incidents_opened_total{source="lab"}')).toBe(1)
    expect(valueOf(text, 'millwright_incidents_open{state="open"}')).toBe(1)
    expect(valueOf(text, 'millwright_incidents_open{state="handed-over"}')).toBe(0)
    expect(valueOf(text, 'millwright_dispatch_waiting')).toBe(1)
    expect(valueOf(text, 'millwright_dispatch_oldest_seconds')).toBeGreaterThanOrEqual(0)
    expect(valueOf(text, 'millwright_outbox_waiting')).toBe(0)
    expect(valueOf(text, 'millwright_outbox_oldest_seconds')).toBe(0)
    expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(0)
    expect(text).not.toContain('web-01')
  })

  test('a stop shows, and its end', async () => {
    const change = { by: 'ann', team: 'default', says: 'a try', at: new Date() }
    expect(valueOf(await scrape(), 'millwright_stopped')).toBe(0)
    await setSwitch(db.store, { ...change, stopped: true })
    expect(valueOf(await scrape(), 'millwright_stopped')).toBe(1)
    await setSwitch(db.store, { ...change, stopped: false })
    expect(valueOf(await scrape(), 'millwright_stopped')).toBe(0)
  })

  test('a histogram adds up from bucket to bucket, with the very limits that it was counted by', async () => {
    const seconds = [0.5, 4, 4, 5_000]
    for (const one of seconds)
      await sql`insert into tally (metric, labels, value) values ('plan_seconds', array[bucket_of(${one})], 1)
        on conflict (metric, labels) do update set value = tally.value + 1`.execute(db.store)
    await sql`insert into tally (metric, labels, value) values ('plan_seconds_sum', '{}', 5008.5)`.execute(db.store)
    const text = await scrape()

    const buckets = [...text.matchAll(/^millwright_plan_seconds_bucket\{le="(.+)"\} (\d+)$/gm)]
    expect(buckets.map(([, , value]) => Number(value))).toEqual([1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4])
    expect(valueOf(text, 'millwright_plan_seconds_count')).toBe(4)
    expect(valueOf(text, 'millwright_plan_seconds_sum')).toBe(5_008.5)
    const limits = buckets.map(([, le = '']) => le)
    for (const [at, limit] of limits.slice(0, -1).entries()) {
      const { rows } = await sql<{ own: string; next: string }>`
        select bucket_of(${limit}) as own, bucket_of(${limit}::double precision + 0.01) as next`.execute(db.store)
      expect(rows).toEqual([{ own: limit, next: limits[at + 1] }])
    }
  })

  test('every line is in the form that Prometheus reads, and no series comes twice', async () => {
    const lines = (await scrape()).split('\n').filter((line) => line !== '' && !line.startsWith('# '))
    // The library's `Nan` is read like any other spelling of it.
    const wrong = lines.filter((line) => !/^[a-z_][a-z_\d]*(\{([a-z_]+="[^"\\\n]*",?)+\})? (Nan|[-+\d.e]+)$/.test(line))
    expect(wrong).toEqual([])
    const series = lines.map((line) => line.slice(0, line.lastIndexOf(' ')))
    expect(series).toHaveLength(new Set(series).size)
  })

  test('docs/metrics.md describes each metric and no other, with its type', async () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'metrics.md'), 'utf8')
    const documented = [...page.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, name, type]) => `${name} ${type}`)
    const answered = [...(await scrape()).matchAll(/^# TYPE (\w+ \w+)$/gm)].map(([, name = '']) => name)
    expect(documented.toSorted()).toEqual(answered.toSorted())
  })
})
