// Each incident lists what left for models, to whom, and what it came to.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sha256 } from '../../runtime/digest.ts'
import { approver, browserOf, seen } from '../support/pages.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedDispatched, seedIncident, seedStory } from '../support/seed.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

async function seeded() {
  const incident = await seedIncident(db.store, { openedAt: new Date('2026-11-22T10:00:00Z') })
  await seedDispatched(db.store, incident)
  await seedStory(db.store, incident, [[0, { kind: 'alerted', source: 'lab', alerts: ['Down'], severity: null }]])
  return incident
}

async function called(incident: string, turn: number, change: object): Promise<void> {
  await db.store
    .insertInto('model_call')
    .values({
      incident,
      number: 1,
      turn,
      tier: 'planner',
      team: 'default',
      environment: 'lab',
      service: 'web-01/nginx.service',
      agent: 'millwright',
      model: 'claude-haiku-5-5',
      state: 'answered',
      tokens: 4_200,
      dollars: 0.0123,
      milliseconds: 900,
      sent_bytes: 14_000,
      sent_digest: sha256(`question ${turn}`),
      sent_to: 'https://models.example',
      priced_by: '2026-11-01',
      reserved_at: new Date(Date.parse('2026-11-22T10:00:01Z') + turn * 1_000),
      ...change,
    })
    .execute()
}

test('an incident lists every call: when, to whom, how much, and what it came to', async () => {
  const { id, number } = await seeded()
  await called(id, 1, {})
  await called(id, 2, { state: 'reserved', dollars: 0.5, sent_to: '' })
  const browser = await browserOf(db.store, approver)
  const response = await browser.request(`/api/v1/incidents/${number}`, { headers: { accept: 'application/json' } })
  const common = {
    investigation: 1,
    tier: 'planner',
    model: 'claude-haiku-5-5',
    bytes: 14_000,
    tokens: 4_200,
    pricedBy: '2026-11-01',
  }
  const calls = [
    {
      ...common,
      turn: 1,
      state: 'answered',
      at: '2026-11-22T10:00:02.000Z',
      to: 'https://models.example',
      digest: sha256('question 1'),
      dollars: 0.0123,
    },
    {
      ...common,
      turn: 2,
      state: 'reserved',
      at: '2026-11-22T10:00:03.000Z',
      to: '',
      digest: sha256('question 2'),
      dollars: 0.5,
    },
  ]
  expect(await response.json()).toMatchObject({ calls, left: { calls: 0 } })
  const text = seen(await browser.get(`/incidents/${number}`))
  expect(text).toContain('2 calls, $0.51 by the price list of 2026-11-01, 14 kB sent')
  expect(text).toContain('14 kB to https://models.example')
  expect(text).toContain('14 kB to nobody outside')
})

test('whose prices its dollars are is said of each list', async () => {
  const { id, number } = await seeded()
  await called(id, 1, {})
  await called(id, 2, { model: 'qwen3:32b', dollars: 0, priced_by: 'config' })
  const text = seen(await (await browserOf(db.store, approver)).get(`/incidents/${number}`))
  expect(text).toContain('2 calls, $0.01 by the price list of 2026-11-01 and the config, 28 kB sent')
})

test('where no model was asked nothing left', async () => {
  const { number } = await seeded()
  const text = seen(await (await browserOf(db.store, approver)).get(`/incidents/${number}`))
  expect(text).toContain('Model not used')
})
