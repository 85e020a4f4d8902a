// What a transition may name, and what is left of an incident when a later one takes its place.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IncidentState } from '../../domain/incident.ts'
import type { TimelineEntry } from '../../domain/timeline.ts'
import { newId } from '../../runtime/ids.ts'
import { writeNext, writeTransition } from '../../store/transition.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedDecision, seedIncident, seedPlan, seedRun, type Seeded } from '../support/seed.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const quiet = () => Promise.resolve()
const write = (incident: string, sequence: number, state: IncidentState | null, entry: TimelineEntry) =>
  writeTransition(db.store, { incident, sequence, state, entry }, quiet)

const handedOver: TimelineEntry = { kind: 'handed-over', reason: 'novel', says: 'No known fault fits.' }
const notRecognised: TimelineEntry = { kind: 'not-recognised', not: [] }
const scoped: TimelineEntry = { kind: 'scoped', host: 'web-01', subjects: [] }
const closed: TimelineEntry = { kind: 'closed', reason: 'recovered', person: null, says: 'It held.' }

const opened = (state: IncidentState = 'open') => seedIncident(db.store, { openedAt: new Date(), state })
const rowOf = (incident: string) =>
  db.store
    .selectFrom('incident')
    .select(['state', 'sequence', 'reason', 'attempt', 'closed_reason', 'closed_at'])
    .where('id', '=', incident)
    .executeTakeFirstOrThrow()
const kindsOf = async (incident: string) =>
  (
    await db.store.selectFrom('timeline').select('entry').where('incident', '=', incident).orderBy('sequence').execute()
  ).map(({ entry }) => entry.kind)

async function planned(incident: Seeded, change: Parameters<typeof seedPlan>[2] = {}) {
  const plan = await seedPlan(db.store, incident, change)
  const { id, digest, attempt } = plan
  const named = { playbook: 'service-restart', version: '1.0.0', wants: 'Restart', preview: [] }
  return { plan, entry: { kind: 'planned', plan: id, digest, attempt, ...named } satisfies TimelineEntry }
}

async function refused(writing: () => Promise<boolean>, incident: string): Promise<void> {
  const before = await kindsOf(incident)
  await expect(writing()).rejects.toMatchObject({ code: 'bug' })
  expect(await kindsOf(incident)).toEqual(before)
}

describe('a transition of a worker that may be late', () => {
  const looked: TimelineEntry = {
    kind: 'looked',
    host: 'web-01',
    round: 2,
    evidence: [],
    failed: 0,
    milliseconds: 5,
  }

  test('is written once where the story stands right before it', async () => {
    const { id } = await opened()
    await write(id, 1, 'investigating', scoped)

    await writeNext(db.store, { incident: id, sequence: 2, state: null, entry: looked })
    await writeNext(db.store, { incident: id, sequence: 2, state: null, entry: { ...looked, milliseconds: 9 } })

    expect(await kindsOf(id)).toEqual(['scoped', 'looked'])
    expect(await rowOf(id)).toMatchObject({ state: 'investigating', sequence: 2 })
  })

  test('takes nothing back where the story has gone on without it', async () => {
    const { id } = await opened()
    await write(id, 1, 'investigating', scoped)
    await write(id, 2, 'handed-over', handedOver)

    await writeNext(db.store, { incident: id, sequence: 2, state: null, entry: looked })

    expect(await kindsOf(id)).toEqual(['scoped', 'handed-over'])
    expect(await rowOf(id)).toMatchObject({ state: 'handed-over', sequence: 2 })
  })
})

describe('a transition that replaces what a lost task wrote', () => {
  test('leaves the incident where it stood before that', async () => {
    const { id } = await opened()
    await write(id, 1, 'investigating', scoped)
    await write(id, 2, 'handed-over', handedOver)

    await write(id, 2, null, notRecognised)

    expect(await rowOf(id)).toMatchObject({ state: 'investigating', sequence: 2, reason: null })
  })

  test('must be one that the states allow from there', async () => {
    const { id } = await opened()
    await write(id, 1, 'investigating', scoped)
    await write(id, 2, null, notRecognised)

    await refused(() => write(id, 1, 'verifying', notRecognised), id)

    expect(await rowOf(id)).toMatchObject({ state: 'investigating', sequence: 2 })
  })

  test('takes back the number of an attempt that was not made', async () => {
    const incident = await opened()
    await write(incident.id, 1, 'investigating', scoped)
    const first = await planned(incident)
    await write(incident.id, 2, null, first.entry)
    const second = await planned(incident, { attempt: 2 })
    await write(incident.id, 3, null, second.entry)
    expect(await rowOf(incident.id)).toMatchObject({ attempt: 2 })

    await write(incident.id, 3, null, notRecognised)
    expect(await rowOf(incident.id)).toMatchObject({ attempt: 1 })

    await write(incident.id, 2, null, notRecognised)
    expect(await rowOf(incident.id)).toMatchObject({ attempt: 0 })
  })

  test('may close for another reason, and never opens what is closed', async () => {
    const { id } = await opened()
    await write(id, 1, 'handed-over', handedOver)
    await write(id, 2, 'closed', closed)
    const { closed_at: at } = await rowOf(id)

    await write(id, 2, 'closed', { kind: 'closed', reason: 'closed-by-person', person: 'ann', says: 'Done.' })
    expect(await rowOf(id)).toMatchObject({ state: 'closed', closed_reason: 'closed-by-person', reason: 'novel' })
    await refused(() => write(id, 2, null, { kind: 'source-resolved' }), id)

    expect(at).not.toBeNull()
    expect(await rowOf(id)).toMatchObject({ state: 'closed', closed_at: expect.any(Date) })
  })

  test('never takes away what the gateway wrote: that an incident was opened, or opened again', async () => {
    const { id } = await opened()
    const entry = JSON.stringify({ kind: 'reopened' } satisfies TimelineEntry)
    await write(id, 1, 'handed-over', handedOver)
    await write(id, 2, 'closed', closed)
    await db.store
      .insertInto('timeline')
      .values({ incident: id, sequence: 3, at: new Date(), state: 'open', entry })
      .execute()
    await db.store.updateTable('incident').set({ state: 'open', sequence: 3 }).where('id', '=', id).execute()

    await refused(() => write(id, 3, 'investigating', scoped), id)
    await refused(() => write(id, 2, 'closed', { ...closed, says: 'Otherwise.' }), id)

    expect(await rowOf(id)).toMatchObject({ state: 'open', sequence: 3 })
  })
})

describe('a transition names only what belongs to its incident:', () => {
  const answer = { verdict: 'auto', rule: { id: 'r', says: 'Go.' }, policies: 'p' } as const
  const deadline = new Date().toISOString()

  /** Two incidents, each with a plan and a run; entries are written for the first. */
  async function two() {
    const [mine, other] = [await opened('awaiting-approval'), await opened()]
    const [own, theirs] = [await planned(mine), await planned(other)]
    const started = { after: 0, state: 'planned', outcome: null } as const
    const run = await seedRun(db.store, mine, own.plan, started)
    const theirRun = await seedRun(db.store, other, theirs.plan, started)
    return { mine, own, run, other, theirs, theirRun }
  }

  test('its own plan, run and decision are written', async () => {
    const { mine, own, run } = await two()
    const { id: plan, digest } = own.plan
    await seedDecision(db.store, mine, digest, { person: 'ann', reason: '' })
    const decided = { kind: 'decided', plan, verdict: 'approve', person: 'ann', reason: '' } as const

    await write(mine.id, 1, null, own.entry)
    await write(mine.id, 2, null, { kind: 'policy', plan, answer })
    await write(mine.id, 3, null, { kind: 'asked', plan, digest, expiresAt: deadline })
    await write(mine.id, 4, null, decided)
    await write(mine.id, 5, 'remediating', { kind: 'run-requested', run, plan, deadline, undo: false })
    await write(mine.id, 6, null, { kind: 'run-ended', run, outcome: { kind: 'unknown', says: '' }, undo: false })

    expect(await kindsOf(mine.id)).toHaveLength(6)
  })

  test('a plan, a digest or a run of another incident is refused', async () => {
    const { mine, own, run, theirs, theirRun } = await two()
    const foreign = theirs.plan.id
    const plan = own.plan.id
    const outcome = { kind: 'unknown', says: '' } as const
    const entries: readonly TimelineEntry[] = [
      { ...own.entry, plan: foreign },
      { ...own.entry, digest: theirs.plan.digest },
      { kind: 'policy', plan: foreign, answer },
      { kind: 'asked', plan: foreign, digest: theirs.plan.digest, expiresAt: deadline },
      { kind: 'asked', plan, digest: theirs.plan.digest, expiresAt: deadline },
      { kind: 'approval-expired', plan: newId('plan') },
      { kind: 'run-requested', run: theirRun, plan, deadline, undo: false },
      { kind: 'run-requested', run, plan: foreign, deadline, undo: false },
      { kind: 'run-requested', run, plan, deadline, undo: true },
      { kind: 'run-ended', run: theirRun, outcome, undo: false },
      { kind: 'run-ended', run: newId('run'), outcome, undo: false },
    ]

    for (const entry of entries) await refused(() => write(mine.id, 1, null, entry), mine.id)
  })

  test('nobody decided who did not', async () => {
    const { mine, own, theirs, other } = await two()
    await seedDecision(db.store, other, theirs.plan.digest, { person: 'ann', reason: '' })
    await seedDecision(db.store, mine, own.plan.digest, { person: 'bob', reason: '' })
    const said = { kind: 'decided', plan: own.plan.id, reason: '' } as const

    await refused(() => write(mine.id, 1, null, { ...said, person: 'ann', verdict: 'approve' }), mine.id)
    await refused(() => write(mine.id, 1, null, { ...said, person: 'bob', verdict: 'reject' }), mine.id)

    await write(mine.id, 1, null, { ...said, person: 'bob', verdict: 'approve' })
  })
})
