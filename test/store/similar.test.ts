// What is remembered of incidents like this one, and from whom.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TimelineEntry } from '../../domain/timeline.ts'
import { readSimilar } from '../../store/similar.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident, seedStory } from '../support/seed.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const title = (name: string) => `${name} on web-01`
const planned = {
  kind: 'planned',
  plan: 'plan_x',
  digest: 'd',
  playbook: 'service-restart',
  version: '1.0.0',
  wants: 'Restart nginx.service',
  attempt: 1,
  preview: [],
} as const satisfies TimelineEntry
const verified = { kind: 'verified', checks: [], rule: 'clear', heldSeconds: 60 } as const satisfies TimelineEntry
const byPerson = (says: string) =>
  ({ kind: 'closed', reason: 'closed-by-person', person: 'robin', says }) as const satisfies TimelineEntry

async function past(
  name: string,
  entries: readonly TimelineEntry[],
  closedReason: 'recovered' | 'recovered-by-itself' | 'closed-by-person',
  more: { readonly host?: string; readonly daysAgo?: number } = {},
): Promise<number> {
  const openedAt = new Date(Date.now() - (more.daysAgo ?? 1) * 86_400_000)
  const closed = { state: 'closed', closedReason, closedAt: openedAt } as const
  const incident = await seedIncident(db.store, {
    openedAt,
    title: title(name),
    host: more.host ?? 'web-01',
    ...closed,
  })
  await seedStory(
    db.store,
    incident,
    entries.map((entry, at) => [at, entry] as const),
  )
  return Number(incident.number)
}

const now = (name: string) => seedIncident(db.store, { openedAt: new Date(), title: title(name) })

test('a repair that held and what a person wrote at the end are remembered, with number, date and who', async () => {
  const repaired = await past('Remembered', [planned, verified], 'recovered', { daysAgo: 2 })
  const said = await past('Remembered', [byPerson('the upstream was moved')], 'closed-by-person')
  const { id } = await now('Remembered')
  const found = await readSimilar(db.store, { incident: id, hosts: ['web-01'] })
  expect(found).toMatchObject([
    { number: said, verified: null, people: [{ person: 'robin', on: 'closing', says: 'the upstream was moved' }] },
    { number: repaired, verified: { playbook: 'service-restart', wants: 'Restart nginx.service' }, people: [] },
  ])
})

test('a plan that a person refused is remembered with the reason', async () => {
  const decided = {
    kind: 'decided',
    plan: 'plan_x',
    verdict: 'reject',
    person: 'kim',
    reason: 'a restart loses the queue',
  } as const
  await past('Refused', [planned, decided], 'recovered-by-itself')
  const { id } = await now('Refused')
  expect(await readSimilar(db.store, { incident: id, hosts: ['web-01'] })).toMatchObject([
    { verified: null, people: [{ person: 'kim', on: 'refusing a plan', says: 'a restart loses the queue' }] },
  ])
})

test('a conclusion that a model drew is not remembered, and a repair that did not hold is no repair', async () => {
  const turn = {
    kind: 'turn',
    investigation: 1,
    turn: 1,
    model: 'm',
    says: 'certainly the disk',
    asks: [],
    dropped: [],
    warns: [],
    judged: 'look',
    diagnosis: null,
    cost: { input: 0, cached: 0, output: 0, dollars: 0, milliseconds: 0 },
  } as const satisfies TimelineEntry
  const refuted = { kind: 'not-recovered', checks: [], rule: 'firing' } as const
  await past('Unproven', [turn, planned, refuted, byPerson('it was the cable')], 'closed-by-person')
  const { id } = await now('Unproven')
  const found = await readSimilar(db.store, { incident: id, hosts: ['web-01'] })
  expect(found).toMatchObject([{ verified: null, people: [{ says: 'it was the cable' }] }])
  expect(JSON.stringify(found)).not.toContain('certainly the disk')
})

test('another alert, a host of another kind, and what ended by itself teach nothing', async () => {
  await past('Elsewhere', [planned, verified], 'recovered')
  await past('Here', [planned, verified], 'recovered', { host: 'db-01' })
  await past('Here', [{ kind: 'source-resolved' }], 'recovered-by-itself')
  const { id } = await now('Here')
  await db.store
    .updateTable('alert')
    .set({ subjects: JSON.stringify([{ kind: 'unit', name: 'nginx.service' }]) })
    .where('incident', '=', id)
    .execute()
  expect(await readSimilar(db.store, { incident: id, hosts: ['web-01'] })).toEqual([])
})

test('at most five are told, the newest first', async () => {
  for (const daysAgo of [7, 3, 5, 2, 6, 4]) await past('Often', [planned, verified], 'recovered', { daysAgo })
  const { id } = await now('Often')
  const found = await readSimilar(db.store, { incident: id, hosts: ['web-01'] })
  expect(found).toHaveLength(5)
  expect(found.map(({ closedAt }) => closedAt)).toEqual(
    found
      .map(({ closedAt }) => closedAt)
      .toSorted()
      .toReversed(),
  )
})
