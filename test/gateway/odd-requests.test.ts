// Requests that nobody sends by accident: each is refused as what it is, none is a defect of ours.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Person } from '../../domain/person.ts'
import { alertmanagerPayload, hookRequest } from '../support/gateway.ts'
import { type Browser, browserOf, origin } from '../support/pages.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { awaiting } from '../support/scenarios.ts'

let db: TestStore
let browser: Browser
const admin: Person = { name: 'root', role: 'admin', team: 'default' }
beforeAll(async () => {
  db = await testStore()
  await awaiting(db.store, new Date())
  browser = await browserOf(db.store, admin)
})
afterAll(() => db.end())

const strange = {
  'a zero character': '%00',
  'half a character': '%ED%A0%80',
  'a number that no database holds': '99999999999999999999999',
  'a number with a sign': '-1',
  'a name of the prototype': '__proto__',
  'a broken escape': '%zz',
  'a whole page': 'x'.repeat(7_000),
} as const

test.each(Object.entries(strange))('%s in a path is found nowhere', async (_, part) => {
  for (const path of [
    `/api/v1/incidents/${part}`,
    `/api/v1/incidents/INC-${part}`,
    `/api/v1/incidents/${part}/approval`,
    `/api/v1/incidents/${part}/hand-over`,
    `/api/v1/incidents/1/evidence/${part}`,
    `/incidents/${part}`,
    `/incidents/1/evidence/${part}`,
    `/playbooks/${part}`,
  ]) {
    const response = await browser.request(path, { headers: { accept: 'application/json' } })
    expect([path.slice(0, 60), response.status]).toEqual([path.slice(0, 60), 404])
  }
})

test.each(Object.entries(strange))('%s in a query is no defect', async (_, part) => {
  for (const path of [`/api/v1/deliveries?source=${part}`, `/api/v1/incidents?state=${part}`]) {
    const response = await browser.request(path, { headers: { accept: 'application/json' } })
    expect([path.slice(0, 60), response.status < 500]).toEqual([path.slice(0, 60), true])
  }
})

test.each(Object.entries(strange))('%s as what is to be changed is found nowhere', async (_, part) => {
  const decision = { id: `dec_${randomUUID()}`, verdict: 'approve' }
  for (const [path, body] of [
    [`/api/v1/plans/${part}/decisions`, decision],
    [`/api/v1/incidents/${part}/close`, { says: 'done' }],
    [`/api/v1/hosts/${part}/quarantine`, { says: 'odd' }],
    [`/api/v1/people/${part}/remove`, {}],
  ] as const) {
    const headers = { accept: 'application/json', 'content-type': 'application/json', origin }
    const response = await browser.request(path, { method: 'POST', headers, body: JSON.stringify(body) })
    expect([path.slice(0, 60), response.status]).toEqual([path.slice(0, 60), 404])
  }
})

test.each([
  ['/api/v1/stop', '{"says":"a\\u0000b\\ud800"}', 200],
  ['/api/v1/resume', '{"says":"again","__proto__":{"role":"admin"}}', 400],
  ['/api/v1/resume', '{"says":"once","says":"twice"}', 200],
  ['/api/v1/resume', `{"says":${'['.repeat(200_000)}`, 400],
  ['/api/v1/resume', `{"says":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 400],
  ['/api/v1/resume', '{"says":1e999}', 400],
  ['/api/v1/people', '{"name":"a\\u0000b","role":"viewer"}', 400],
  ['/api/v1/login', '{"code":"\\u0000\\ud800"}', 401],
  ['/api/v1/login', '{"code":["AAAA"]}', 400],
])('%s with %.40s: %i', async (path, body, status) => {
  const headers = { accept: 'application/json', 'content-type': 'application/json', origin }
  expect((await browser.request(path, { method: 'POST', headers, body })).status).toBe(status)
})

test('a time or a number that no database holds keeps nothing of its delivery out', async () => {
  const late = '9999-12-31T23:59:59-12:00'
  const alerts = [
    { labels: { alertname: 'Late', instance: 'web-01' }, startsAt: late },
    {
      labels: { alertname: 'LateEnd', instance: 'web-01' },
      status: 'resolved' as const,
      fingerprint: '00000000000000ab',
    },
  ]
  const payload = JSON.stringify(alertmanagerPayload('{}:{late="yes"}', alerts))
  const body = payload
    .replace('2026-11-21T09:30:00Z', late)
    .replace('"truncatedAlerts":0', '"truncatedAlerts":4294967296')
  const response = await browser.request('/hooks/v1/alertmanager', hookRequest(body))
  expect([response.status, await response.text()]).toEqual([202, expect.stringContaining('"result":"opened"')])
})
