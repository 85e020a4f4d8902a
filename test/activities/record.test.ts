// One transition, one transaction: state, timeline, audit event and what people are told, however often it is written.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRecord } from '../../activities/record.ts'
import type { TimelineEntry, Transition } from '../../domain/timeline.ts'
import { redactText } from '../../runtime/redaction.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedDecision, seedIncident, seedPlan, seedRun } from '../support/seed.ts'

let db: TestStore
let record: ReturnType<typeof createRecord>
beforeAll(async () => {
  db = await testStore()
  record = createRecord({ store: db.store, notifiers: ['page', 'mail'], url: 'https://ops.test', redact: redactText })
})
afterAll(() => db.end())

const scoped: TimelineEntry = { kind: 'scoped', host: 'web-01', subjects: [] }
const handedOver: TimelineEntry = { kind: 'handed-over', reason: 'novel', says: 'No known fault fits.' }
const turn = (warns: readonly string[]): TimelineEntry => ({
  kind: 'turn',
  investigation: 1,
  turn: 1,
  model: 'paper-1',
  says: '',
  asks: [],
  dropped: [],
  warns,
  judged: 'look',
  diagnosis: null,
  cost: { input: 1, cached: 0, output: 1, dollars: 0.01, milliseconds: 1 },
})

describe('a transition', () => {
  test('is written with its state and an audit event that names who did it', async () => {
    const incident = await opened()

    await record({ incident, sequence: 1, state: 'investigating', entry: scoped })

    const row = await rowOf(incident)
    expect({ state: row.state, sequence: row.sequence }).toEqual({ state: 'investigating', sequence: 1 })
    expect(await entriesOf(incident)).toEqual([[1, scoped]])
    expect(await auditOf(incident)).toMatchObject([
      { actor: 'agent:millwright', act: 'incident.scoped', subject: incident },
    ])
  })

  test('that is written again changes nothing', async () => {
    const incident = await opened()
    const transition: Transition = { incident, sequence: 1, state: 'handed-over', entry: handedOver }

    await record(transition)
    await record(transition)

    expect(await entriesOf(incident)).toHaveLength(1)
    expect(await auditOf(incident)).toHaveLength(1)
    expect(await toldOf(incident)).toHaveLength(2)
  })

  test('that says something else under a known sequence replaces what a lost task wrote, and what came after', async () => {
    const incident = await opened()
    await record({ incident, sequence: 1, state: 'investigating', entry: scoped })
    await record({ incident, sequence: 2, state: null, entry: { kind: 'not-recognised', not: [] } })

    await record({ incident, sequence: 1, state: 'handed-over', entry: handedOver })

    expect(await entriesOf(incident)).toEqual([[1, handedOver]])
    expect(await rowOf(incident)).toMatchObject({ state: 'handed-over', sequence: 1, reason: 'novel' })
    expect((await auditOf(incident)).at(-1)).toMatchObject({ detail: { replaces: true } })
  })

  test('that states do not allow is refused and leaves no trace', async () => {
    const incident = await opened()

    const illegal = record({ incident, sequence: 1, state: 'verifying', entry: scoped })

    await expect(illegal).rejects.toMatchObject({ code: 'bug' })
    expect(await entriesOf(incident)).toEqual([])
    expect(await auditOf(incident)).toEqual([])
  })

  test('of an incident that is not there is refused', async () => {
    const unknown = record({ incident: 'inc_none', sequence: 1, state: null, entry: scoped })

    await expect(unknown).rejects.toMatchObject({ code: 'input.not-found' })
  })

  test('holds no secret and nothing that a terminal would obey', async () => {
    const incident = await opened()
    const says = 'password=hunter2hunter2 \u001B[2J and \u0000 more'

    await record({ incident, sequence: 1, state: 'handed-over', entry: { ...handedOver, says } })

    const text = JSON.stringify([await entriesOf(incident), await toldOf(incident), await auditOf(incident)])
    expect(text).not.toContain('hunter2')
    expect(text).not.toMatch(/\\u001b|\\u0000/i)
  })
})

describe('people', () => {
  test('are told once by each notifier that they are needed, with the address of the page', async () => {
    const incident = await opened()

    await record({ incident, sequence: 1, state: 'handed-over', entry: handedOver })

    const told = await toldOf(incident)
    expect(told.map((row) => row.notifier)).toEqual(['mail', 'page'])
    const { number } = await rowOf(incident)
    expect(told[0]?.body).toMatchObject({ kind: 'needs-you', url: `https://ops.test/incidents/${number}` })
    expect(told[0]?.body.summary).toContain('No known fault fits.')
  })

  test('are told that it is handled only when they had been told before', async () => {
    const [told, untold] = [await opened(), await opened()]
    const closed: TimelineEntry = { kind: 'closed', reason: 'recovered', person: null, says: 'It held.' }
    await record({ incident: told, sequence: 1, state: 'handed-over', entry: handedOver })

    await record({ incident: told, sequence: 2, state: 'closed', entry: closed })
    await record({ incident: untold, sequence: 1, state: 'closed', entry: closed })

    expect((await toldOf(told)).map((row) => row.body.kind)).toEqual(['needs-you', 'handled', 'needs-you', 'handled'])
    expect(await toldOf(untold)).toEqual([])
    expect(await rowOf(told)).toMatchObject({ closed_reason: 'recovered', closed_at: expect.any(Date) })
  })

  test('are told of a budget that is nearly used up, which answers nothing that waits', async () => {
    const incident = await opened()
    const kinds = async () =>
      (await toldOf(incident)).flatMap(({ notifier, body }) => (notifier === 'mail' ? [body] : []))
    await record({ incident, sequence: 1, state: 'investigating', entry: turn([]) })
    expect(await kinds()).toEqual([])

    await record({ incident, sequence: 2, state: 'handed-over', entry: { ...handedOver, reason: 'over-budget' } })
    await record({
      incident,
      sequence: 3,
      state: null,
      entry: turn(['The team web has used $8.10 of $10.00 in 24 h.']),
    })
    await record({
      incident,
      sequence: 4,
      state: 'investigating',
      entry: { kind: 'budget-lifted', person: 'ann', dollars: 2 },
    })

    expect((await kinds()).map(({ kind, labels }) => [kind, labels.reason])).toEqual([
      ['needs-you', 'over-budget'],
      ['notice', 'budget'],
      ['handled', 'lifted'],
    ])
    expect((await kinds())[1]?.summary).toContain('The team web has used $8.10 of $10.00 in 24 h.')
  })

  test('go on being reminded after the first of two approvals, until the run is asked for', async () => {
    const seeded = await seedIncident(db.store, { openedAt: new Date(), state: 'awaiting-approval' })
    const incident = seeded.id
    const seed = await seedPlan(db.store, seeded)
    const { id: plan, digest } = seed
    const run = await seedRun(db.store, seeded, seed, { after: 0, state: 'planned', outcome: null })
    const later = new Date(Date.now() + 60_000).toISOString()
    const approved = { kind: 'decided', plan, verdict: 'approve', reason: '' } as const
    const write = (sequence: number, entry: TimelineEntry) =>
      record({ incident, sequence, state: entry.kind === 'run-requested' ? 'remediating' : null, entry })
    const kinds = async () =>
      (await toldOf(incident)).map(({ notifier, body }) => [notifier, body.kind, body.labels.reason])
    const asked = ['needs-you', 'approval']
    await write(1, { kind: 'asked', plan, digest, expiresAt: later })

    for (const [sequence, person] of [
      [2, 'ann'],
      [3, 'bob'],
    ] as const) {
      await seedDecision(db.store, seeded, digest, { person, reason: '' })
      await write(sequence, { ...approved, person })
      expect(await kinds()).toEqual([
        ['mail', ...asked],
        ['page', ...asked],
      ])
    }
    await write(4, { kind: 'run-requested', run, plan, deadline: later, undo: false })

    const begins = ['handled', 'approve']
    expect(await kinds()).toEqual([
      ['mail', ...asked],
      ['mail', ...begins],
      ['page', ...asked],
      ['page', ...begins],
    ])
  })

  test('who decide stand in the audit by name', async () => {
    const seeded = await seedIncident(db.store, { openedAt: new Date(), state: 'awaiting-approval' })
    const incident = seeded.id
    const { id: plan, digest } = await seedPlan(db.store, seeded)
    await seedDecision(db.store, seeded, digest, { person: 'ann', reason: 'yes' })
    const entry: TimelineEntry = { kind: 'decided', plan, verdict: 'approve', person: 'ann', reason: 'yes' }

    await record({ incident, sequence: 1, state: null, entry })

    expect(await auditOf(incident)).toMatchObject([{ actor: 'person:ann' }])
  })
})

async function opened(): Promise<string> {
  return (await seedIncident(db.store, { openedAt: new Date(), state: 'open' })).id
}

function rowOf(incident: string) {
  return db.store.selectFrom('incident').selectAll().where('id', '=', incident).executeTakeFirstOrThrow()
}

async function entriesOf(incident: string) {
  const rows = await db.store
    .selectFrom('timeline')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('sequence')
    .execute()
  return rows.map((row) => [row.sequence, row.entry])
}

function auditOf(incident: string) {
  return db.store.selectFrom('audit_event').selectAll().where('subject', '=', incident).orderBy('seq').execute()
}

function toldOf(incident: string) {
  return db.store
    .selectFrom('outbox')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('notifier')
    .orderBy('id')
    .execute()
}
