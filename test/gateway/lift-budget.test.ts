// A budget is lifted by a named person, by a named amount, for one incident; what nobody takes is taken back.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../runtime/ids.ts'
import type { Person } from '../../domain/person.ts'
import { approver, browserOf, seen, viewer } from '../support/pages.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedDispatched, seedIncident, seedStory } from '../support/seed.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

async function paused(reason: 'over-budget' | 'novel' = 'over-budget') {
  const incident = await seedIncident(db.store, { openedAt: new Date(), state: 'handed-over', reason })
  await seedDispatched(db.store, incident)
  const says = 'This incident has used $0.95 of $1.00, and one more call may take $0.10.'
  await seedStory(db.store, incident, [
    [0, { kind: 'alerted', source: 'lab', alerts: ['Down'], severity: null }],
    [10, { kind: 'handed-over', reason, says }],
  ])
  return incident
}

async function lift(person: Person, number: string, body: object): Promise<Response> {
  const { request } = await browserOf(db.store, person)
  const headers = { accept: 'application/json', 'content-type': 'application/json', origin: 'http://127.0.0.1:8321' }
  return request(`/api/v1/incidents/${number}/budget`, { method: 'POST', headers, body: JSON.stringify(body) })
}

const form = () => ({ id: newId('lift'), dollars: '2.50', reason: 'It matters.' })

const acts = async (subject: string) => {
  const rows = await db.store
    .selectFrom('audit_event')
    .select(['actor', 'act'])
    .where('subject', '=', subject)
    .execute()
  return rows.map(({ actor, act }) => `${actor} ${act}`)
}

test('what nobody takes is taken back, and both stand in the record', async () => {
  const { id, number } = await paused()
  const response = await lift(approver, number, form())
  expect([response.status, await response.json()]).toMatchObject([
    503,
    { code: 'conflict.not-delivered', message: expect.stringContaining('Not delivered: the $2.50') },
  ])
  expect(await db.store.selectFrom('budget_lift').selectAll().where('incident', '=', id).execute()).toEqual([])
  expect(await acts(id)).toEqual(['person:robin budget.lift', 'person:robin budget.lift.taken-back'])
})

test('a viewer lifts nothing, nor does anybody where no budget is used up', async () => {
  const { id, number } = await paused()
  expect((await lift(viewer, number, form())).status).toBe(403)
  expect(await acts(id)).toEqual(['person:sam lift-budget.refused'])
  const other = await paused('novel')
  expect((await lift(approver, other.number, form())).status).toBe(409)
})

test.each([
  { dollars: '0' },
  { dollars: '-1' },
  { dollars: '1001' },
  { dollars: 'NaN' },
  { id: 'lift_1' },
  { other: 1 },
])('what is not an amount or not a form of ours is refused: %j', async (change) => {
  const { number } = await paused()
  expect((await lift(approver, number, { ...form(), ...change })).status).toBe(400)
})

test('the same form twice lifts once', async () => {
  const { id: incident, number } = await paused()
  const sent = form()
  const row = { id: sent.id, incident, person: approver.name, dollars: 2.5, says: sent.reason }
  await db.store.insertInto('budget_lift').values(row).execute()
  const again = await lift(approver, number, sent)
  expect([again.status, await again.json()]).toEqual([200, { incident: Number(number), person: 'robin', dollars: 2.5 }])
  expect((await lift(approver, number, { ...sent, dollars: '9' })).status).toBe(409)
  expect(await db.store.selectFrom('budget_lift').selectAll().where('incident', '=', incident).execute()).toHaveLength(
    1,
  )
})

test('the page of an incident that is over budget has the form, for whoever may send it', async () => {
  const { number } = await paused()
  const page = await (await browserOf(db.store, approver)).get(`/incidents/${number}`)
  expect(page).toContain(`action="/api/v1/incidents/${number}/budget"`)
  expect(seen(page)).toContain('Lift the budget')
  const readers = await (await browserOf(db.store, viewer)).get(`/incidents/${number}`)
  expect(readers).not.toContain('/budget"')
  const { number: other } = await paused('novel')
  expect(await (await browserOf(db.store, approver)).get(`/incidents/${other}`)).not.toContain('/budget"')
})
