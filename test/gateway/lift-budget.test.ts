// A budget is lifted by a named person, by a named amount, for one incident; what nobody takes is taken back.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Exchanged } from '../../activities/types.ts'
import type { AppDeps } from '../../gateway/app.ts'
import { newId } from '../../runtime/ids.ts'
import type { Person } from '../../domain/person.ts'
import { approver, browserOf, seen, viewer } from '../support/pages.ts'
import { theatre, type Theatre } from '../support/play.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedDispatched, seedIncident, seedStory } from '../support/seed.ts'

let db: TestStore
let stage: Theatre
beforeAll(async () => {
  ;[db, stage] = await Promise.all([testStore(), theatre()])
})
afterAll(() => Promise.all([db.end(), stage.end()]))

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

async function lift(person: Person, number: string, body: object, more: Partial<AppDeps> = {}): Promise<Response> {
  const { request } = await browserOf(db.store, person, more)
  const headers = { accept: 'application/json', 'content-type': 'application/json', origin: 'http://127.0.0.1:8321' }
  return request(`/api/v1/incidents/${number}/budget`, { method: 'POST', headers, body: JSON.stringify(body) })
}

const form = () => ({ id: newId('lift'), dollars: '2.50', reason: 'It matters.' })

/** Written down by whoever was lost before the workflow heard of it. */
async function untold(incident: string, { person = approver.name, at }: { person?: string; at?: Date } = {}) {
  const sent = form()
  const row = { id: sent.id, incident, person, dollars: 2.5, says: sent.reason, told_at: at ?? null }
  await db.store.insertInto('budget_lift').values(row).execute()
  return sent
}

const liftsOf = (incident: string) =>
  db.store.selectFrom('budget_lift').selectAll().where('incident', '=', incident).execute()

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
  const sent = await untold(incident, { at: new Date() })
  const again = await lift(approver, number, sent)
  expect([again.status, await again.json()]).toEqual([200, { incident: Number(number), person: 'robin', dollars: 2.5 }])
  expect((await lift(approver, number, { ...sent, dollars: '9' })).status).toBe(409)
  expect(await liftsOf(incident)).toHaveLength(1)
})

describe('what a gateway wrote down before it was lost, and told nobody', () => {
  test('is no lift: sent again it is told, and taken back where nobody hears it', async () => {
    const { id, number } = await paused()
    const sent = await untold(id)
    expect((await lift(approver, number, sent)).status).toBe(503)
    expect(await liftsOf(id)).toEqual([])
  })

  test('does not add up with another form, which nobody hears either', async () => {
    const { id, number } = await paused()
    await untold(id)
    expect((await lift(approver, number, form())).status).toBe(503)
    expect(await liftsOf(id)).toEqual([])
  })

  test.each(['the same', 'another'])('is told to its workflow when %s form is sent, once', async (which) => {
    const { id, number } = await paused()
    const over: Exchanged = { kind: 'over-budget', says: '$1 of $1 is used.' }
    let asked = 0
    const story = await stage.begin(
      {
        recognise: () => ({ kind: 'none', not: [] }),
        begin: () => ({ kind: 'begun', investigation: 1, turns: 6, model: 'm', harness: 'h', bytes: 1, unread: false }),
        exchange: () => ((asked += 1) === 1 ? over : { kind: 'answered' }),
        judge: () => ({ kind: 'person', says: 'It is not known.' }),
      },
      { incident: id },
    )
    await story.until('handed-over')
    const sent = await untold(id, { person: which === 'another' ? 'ann' : approver.name })
    const again = which === 'another' ? { ...form(), dollars: '9' } : sent
    const response = await lift(approver, number, again, { temporal: async () => stage.temporal.client })
    const says = 'ann let it have $2.50 more before, and it goes on with that.'
    expect([response.status, await response.json()]).toMatchObject(
      which === 'another' ? [409, { message: says }] : [200, { dollars: 2.5 }],
    )
    expect(await story.until('budget-lifted')).toMatchObject({ dollars: 2.5 })
    expect(await liftsOf(id)).toMatchObject([{ id: sent.id, told_at: expect.any(Date) }])
    await expect.poll(() => story.kinds().filter((kind) => kind === 'handed-over').length).toBe(2)
    await story.close()
    await story.over()
  })
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
