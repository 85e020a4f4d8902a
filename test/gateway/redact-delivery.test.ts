import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { redactBody } from '../../gateway/redact-delivery.ts'
import { alertmanagerPayload, hookRequest, testGateway } from '../support/gateway.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'
const down = { labels: { alertname: 'HostSystemdServiceCrashed', instance: 'web-01:9100' } }

test('no secret reaches the store, wherever it stood', async () => {
  const app = await testGateway(db.store)
  const noted = {
    ...down,
    annotations: { runbook: `token ${secret}`, colour: '\u001b[31mred' },
    fingerprint: '00000000000000bb',
  }
  const hidden = { labels: { ...down.labels, note: `\u0001${secret}` } }
  const named = { labels: { ...down.labels, [secret]: 'a name' }, fingerprint: '00000000000000cc' }
  const body = JSON.stringify(alertmanagerPayload('{}:{}', [hidden, noted, named])).replace('ghp_', '\\u0067hp_')
  expect((await app.request('/hooks/v1/lab', hookRequest(body))).status).toBe(202)
  expect((await app.request('/hooks/v1/lab', hookRequest({ refused: secret }))).status).toBe(400)
  for (const table of ['alert', 'delivery', 'incident', 'timeline', 'audit_event']) {
    const dump = await sql<{ row: string }>`select row_to_json(t)::text as row from ${sql.table(table)} t`.execute(
      db.store,
    )
    const text = dump.rows.map(({ row }) => row).join('\n')
    expect(text.includes('16C7e42F292c6912E7710c838347Ae178B4a'), table).toBe(false)
  }
  const rows = await db.store.selectFrom('alert').select(['labels', 'annotations']).orderBy('fingerprint').execute()
  expect(rows.map(({ labels }) => labels['instance'])).toEqual(['web-01:9100', 'web-01:9100', 'web-01:9100'])
  expect(rows[1]?.annotations['colour']).toBe('red')
})

test('what was JSON still is, whichever letters were written as numbers', () => {
  const text = '{"a":"\\u0022\\u005c\\u0041\\u001b[31m\\u003e","b":["\\u000a"]}'
  expect(JSON.parse(redactBody(text))).toEqual({ a: '"\\A [31m>', b: [' '] })
})
