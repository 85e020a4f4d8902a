// A person's lift on its way from the API to a real workflow, which goes on where it stood.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../runtime/ids.ts'
import { readLift } from '../../store/budget-lift.ts'
import type { Person } from '../../domain/person.ts'
import { testGateway } from '../support/gateway.ts'
import { logInAs } from '../support/people.ts'
import { theatre, type Theatre } from '../support/play.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
let stage: Theatre
let app: Awaited<ReturnType<typeof testGateway>>
beforeAll(async () => {
  ;[db, stage] = await Promise.all([testStore(), theatre()])
  app = await testGateway(db.store, { temporal: async () => stage.temporal.client })
})
afterAll(() => Promise.all([db.end(), stage.end()]))

const ann: Person = { name: 'ann', role: 'approver', team: 'default' }

/** What the real `record` would have written of this incident by the time that people have it. */
async function store(id: string): Promise<string> {
  const now = new Date()
  const { number } = await db.store
    .insertInto('incident')
    .values({
      id,
      team: 'default',
      environment: 'lab',
      source: 'lab',
      group_key: id,
      group_id: `grp_${id}`,
      identity: id,
      host: 'web-01',
      title: 'Down on web-01',
      severity: null,
      state: 'handed-over',
      source_status: 'firing',
      reason: 'over-budget',
      closed_reason: null,
      traceparent: null,
      opened_at: now,
      updated_at: now,
      last_seen_at: now,
    })
    .returning('number')
    .executeTakeFirstOrThrow()
  return number
}

test('a lift is taken by the workflow: the call that did not fit is made, and the investigation ends', async () => {
  let isLifted = false
  const turns: number[] = []
  const story = await stage.begin({
    recognise: () => ({ kind: 'none', not: [] }),
    begin: () => ({ kind: 'begun', investigation: 1, turns: 6, model: 'm', harness: 'h', bytes: 9_000, unread: false }),
    exchange: (turn) => {
      turns.push(turn)
      return turn < 2 || isLifted ? { kind: 'answered' } : { kind: 'over-budget', says: '$1.00 of $1.00 is used.' }
    },
    judge: (turn) => (turn < 2 ? { kind: 'look' } : { kind: 'person', says: 'Nobody knows.' }),
    // The workflow asks again only after this.
    recording: (kind) => {
      isLifted ||= kind === 'budget-lifted'
      return undefined
    },
  })
  expect(await story.until('handed-over')).toMatchObject({ reason: 'over-budget' })
  const number = await store(story.incident)
  const lift = { id: newId('lift'), dollars: '2.50', reason: 'It matters.' }
  const response = await app.request(`http://127.0.0.1:8321/api/v1/incidents/${number}/budget`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await logInAs(db.store, ann)}`, 'content-type': 'application/json' },
    body: JSON.stringify(lift),
  })

  expect([response.status, await response.json()]).toEqual([
    200,
    { incident: Number(number), person: 'ann', dollars: 2.5 },
  ])
  expect(await readLift(db.store, lift.id)).toMatchObject({ incident: story.incident, person: 'ann' })
  expect(await story.until('budget-lifted')).toMatchObject({ person: 'ann', dollars: 2.5 })
  await expect.poll(() => story.kinds().filter((kind) => kind === 'handed-over').length).toBe(2)
  expect(turns).toEqual([1, 2, 2])
  await story.close()
})
