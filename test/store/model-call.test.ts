// The ledger: what a call may cost is taken from every budget before it, and what it came to stands after it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../runtime/ids.ts'
import { Config, type BudgetsConfig } from '../../runtime/config.ts'
import { type Call, maximumAttempts, readCosts, reserveCall, settleCall, type Settled } from '../../store/model-call.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const noLimit = { incident: {}, service: {}, team: {}, agent: {}, day: {} }
const budgetsOf = (change: Record<string, object>): BudgetsConfig =>
  Config.parse({ budgets: { ...noLimit, ...change } }).budgets
const worst = { tokens: 1_000, dollars: 0.5, milliseconds: 60_000 }

/** Each test has a team, a service and an agent of its own. */
const callOf = (change: Partial<Call> = {}): Call => {
  const id = newId('inc')
  return {
    incident: id,
    number: 1,
    turn: 1,
    tier: 'planner',
    team: id,
    environment: 'lab',
    service: id,
    agent: id,
    model: 'paper-1',
    worst,
    sent: { bytes: 900, digest: 'd', to: 'https://models.example' },
    pricedBy: '2026-11-01',
    ...change,
  }
}

const answered: Settled = {
  kind: 'answered',
  usage: { input: 100, cacheRead: 200, cacheWrite: 50, output: 30 },
  dollars: 0.01,
  stop: 'done',
  milliseconds: 1_200,
}

/** Asks, and answers how to settle it. */
async function begun(call: Call, budgets: BudgetsConfig): Promise<(settled: Settled) => Promise<void>> {
  const taken = await reserveCall(db.store, call, budgets)
  if (taken.kind !== 'reserved') throw new Error(taken.kind)
  const { reserved } = taken
  return (settled) => db.store.transaction().execute((tx) => settleCall(tx, { ...call, reserved }, settled, budgets))
}

async function asked(call: Call, budgets: BudgetsConfig, settled: Settled): Promise<void> {
  const settle = await begun(call, budgets)
  await settle(settled)
}

const seeded = async () => (await seedIncident(db.store, { openedAt: new Date() })).id

async function lift({ incident }: Call, dollars: number): Promise<void> {
  const row = { id: newId('lift'), incident, person: 'a person', dollars, says: 'It matters.' }
  await db.store.insertInto('budget_lift').values(row).execute()
}

async function rowOf({ incident, number, turn }: Call) {
  return db.store
    .selectFrom('model_call')
    .selectAll()
    .where('incident', '=', incident)
    .where('number', '=', number)
    .where('turn', '=', turn)
    .executeTakeFirstOrThrow()
}

test('a call holds its worst case until it is settled, then what it came to', async () => {
  const call = callOf()
  const budgets = budgetsOf({})
  expect(await reserveCall(db.store, call, budgets)).toEqual({
    kind: 'reserved',
    reserved: { ...worst, attempt: 1, lifted: 0 },
  })
  expect(await rowOf(call)).toMatchObject({ state: 'reserved', tokens: '1000', dollars: '0.50000000' })

  const reserved = { ...worst, attempt: 1, lifted: 0 }
  await db.store.transaction().execute((tx) => settleCall(tx, { ...call, reserved }, answered, budgets))
  expect(await rowOf(call)).toMatchObject({
    state: 'answered',
    tokens: '380',
    dollars: '0.01000000',
    milliseconds: '1200',
  })
  expect(await readCosts(db.store, call)).toEqual({
    cost: { input: 350, cached: 200, output: 30, dollars: 0.01, milliseconds: 1_200 },
    warns: [],
  })
  expect(await reserveCall(db.store, call, budgets)).toEqual({ kind: 'answered' })
})

test('a call that nobody knows the end of is asked again, and counts twice', async () => {
  const call = callOf()
  const budgets = budgetsOf({ incident: { dollars: 1 } })
  await reserveCall(db.store, call, budgets)
  await asked(call, budgets, answered)
  expect(await rowOf(call)).toMatchObject({ state: 'answered', attempts: 2, tokens: '1380', dollars: '0.51000000' })

  const lost = callOf()
  await reserveCall(db.store, lost, budgets)
  await reserveCall(db.store, lost, budgets)
  expect(await reserveCall(db.store, lost, budgets)).toMatchObject({ kind: 'over-budget' })
  // Nobody asks it any more: it is not open.
  expect(await rowOf(lost)).toMatchObject({ state: 'failed', attempts: 2, dollars: '1.00000000' })
})

describe('of two attempts at one call, the first of which its worker still waits for', () => {
  const budgets = budgetsOf({})
  const failed: Settled = { kind: 'failed', paid: false, says: 'It answered 529.', milliseconds: 30 }

  test.each(['first', 'second'] as const)(
    'the one that answers counts, and once, also when the %s fails after it and both are told of again',
    async (late) => {
      const call = callOf()
      const first = await begun(call, budgets)
      const second = await begun(call, budgets)
      for (const again of [answered, answered, failed]) await (late === 'first' ? second : first)(again)
      for (const again of [failed, answered]) await (late === 'first' ? first : second)(again)
      expect(await rowOf(call)).toMatchObject({ state: 'answered', stop: 'done', tokens: '380', dollars: '0.01000000' })
      expect(await reserveCall(db.store, call, budgets)).toEqual({ kind: 'answered' })
    },
  )

  test.each(['first', 'second'] as const)('the %s may fail before the other answers', async (early) => {
    const call = callOf()
    const first = await begun(call, budgets)
    const second = await begun(call, budgets)
    await (early === 'first' ? first : second)(failed)
    await (early === 'first' ? second : first)(answered)
    expect(await rowOf(call)).toMatchObject({ state: 'answered', stop: 'done', tokens: '380', dollars: '0.01000000' })
  })

  test('both may answer: the answer that is kept says how it ended, and both are paid', async () => {
    const call = callOf()
    const first = await begun(call, budgets)
    const second = await begun(call, budgets)
    await first(answered)
    const kept = await rowOf(call)
    const usage = { input: 7, cacheRead: 0, cacheWrite: 0, output: 3 }
    await second({ ...answered, usage, stop: 'refused', dollars: 0.02 })
    expect(await rowOf(call)).toMatchObject({
      state: 'answered',
      stop: 'done',
      input: 100,
      output: 30,
      tokens: '390',
      dollars: '0.03000000',
      settled_at: kept.settled_at,
    })
  })

  test('neither gives back more time than it took', async () => {
    const call = callOf()
    const first = await begun(call, budgets)
    // Whoever asks again knows that the first can't have waited for its whole minute.
    const second = await begun(call, budgets)
    await first({ ...answered, milliseconds: 40 })
    await second({ ...answered, milliseconds: 50 })
    expect(Number((await rowOf(call)).milliseconds)).toBeGreaterThanOrEqual(50)
  })
})

test('a call is asked five times at most, whatever came between', async () => {
  const call = callOf()
  for (let attempt = 1; attempt <= maximumAttempts; attempt += 1)
    await asked(call, budgetsOf({}), { kind: 'failed', paid: false, says: 'It answered 529.', milliseconds: 1 })
  expect(await reserveCall(db.store, call, budgetsOf({}))).toEqual({ kind: 'given-up', last: 'It answered 529.' })
})

test('a call that never reached the model costs nothing, one that may have been paid keeps its worst', async () => {
  const call = callOf()
  await asked(call, budgetsOf({}), { kind: 'failed', paid: false, says: 'It answered 529.', milliseconds: 80 })
  expect(await rowOf(call)).toMatchObject({ state: 'failed', tokens: '0', dollars: '0.00000000', milliseconds: '80' })
  await asked(call, budgetsOf({}), { kind: 'failed', paid: true, says: 'It answered 529.', milliseconds: 20 })
  expect(await rowOf(call)).toMatchObject({ attempts: 2, tokens: '1000', dollars: '0.50000000', milliseconds: '100' })
})

test.each(['service', 'team', 'agent'] as const)(
  'what is reserved of the budget of one %s is not there for the next',
  async (scope) => {
    const budgets = budgetsOf({ [scope]: { dollars: 0.9 } })
    const first = callOf()
    expect(await reserveCall(db.store, first, budgets)).toMatchObject({ kind: 'reserved' })
    expect(await reserveCall(db.store, callOf({ [scope]: first[scope] }), budgets)).toMatchObject({
      kind: 'over-budget',
      says: expect.stringContaining('one more call may take $0.50'),
    })
    expect(await reserveCall(db.store, callOf(), budgets)).toMatchObject({ kind: 'reserved' })
  },
)

test('the day counts the calls of all', async () => {
  const earlier = await db.store.selectFrom('model_call').select('dollars').execute()
  const spent = earlier.reduce((sum, { dollars }) => sum + Number(dollars), 0)
  const budgets = budgetsOf({ day: { dollars: spent + 0.9 } })
  expect(await reserveCall(db.store, callOf(), budgets)).toMatchObject({ kind: 'reserved' })
  expect(await reserveCall(db.store, callOf(), budgets)).toMatchObject({ kind: 'over-budget' })
})

test('of many calls at once no more are let in than fit', async () => {
  const { team } = callOf()
  const budgets = budgetsOf({ team: { dollars: 2 } })
  const all = await Promise.all(Array.from({ length: 10 }, () => reserveCall(db.store, callOf({ team }), budgets)))
  expect(all.filter(({ kind }) => kind === 'reserved')).toHaveLength(4)
})

test('the budget of an incident counts all its investigations', async () => {
  const first = callOf()
  const budgets = budgetsOf({ incident: { dollars: 0.9 } })
  await reserveCall(db.store, first, budgets)
  expect(await reserveCall(db.store, { ...first, number: 2 }, budgets)).toEqual({
    kind: 'over-budget',
    says: expect.stringMatching(/^This incident has used \$0\.50 of \$0\.90, and one more call may take \$0\.50\./),
  })
})

test('what was used more than a day ago counts for its incident only', async () => {
  const old = callOf()
  const budgets = budgetsOf({ incident: { dollars: 0.9 }, service: { dollars: 0.9 } })
  await reserveCall(db.store, old, budgets)
  const yesterday = new Date(Date.now() - 25 * 3_600_000)
  await db.store
    .updateTable('model_call')
    .set({ reserved_at: yesterday })
    .where('incident', '=', old.incident)
    .execute()
  const { service } = old
  expect(await reserveCall(db.store, callOf({ service }), budgets)).toMatchObject({ kind: 'reserved' })
  expect(await reserveCall(db.store, { ...old, turn: 2 }, budgets)).toMatchObject({ kind: 'over-budget' })
})

test('people are told when a budget comes to four fifths, and only by the call that brought it there', async () => {
  const { team } = callOf()
  const budgets = budgetsOf({ team: { dollars: 10 } })
  const dear = (dollars: number): Settled => ({ ...answered, dollars })
  const calls = [callOf({ team }), callOf({ team }), callOf({ team })]
  for (const call of calls) await asked(call, budgets, dear(call === calls[0] ? 7.9 : 0.2))
  const warns = await Promise.all(calls.map(async (call) => (await readCosts(db.store, call)).warns))
  expect(warns).toEqual([[], [`The team ${team} has used $8.10 of $10.00 in 24 h.`], []])
})

test('a person lets an incident have more, and no more than that', async () => {
  const call = callOf({ incident: await seeded() })
  const budgets = budgetsOf({ incident: { tokens: 1_500 } })
  await reserveCall(db.store, call, budgets)
  expect(await reserveCall(db.store, { ...call, turn: 2 }, budgets)).toMatchObject({ kind: 'over-budget' })
  await lift(call, 0.8)
  expect(await reserveCall(db.store, { ...call, turn: 2 }, budgets)).toMatchObject({ kind: 'reserved' })
  expect(await reserveCall(db.store, { ...call, turn: 3 }, budgets)).toMatchObject({
    kind: 'over-budget',
    says: expect.stringContaining('Of what it was lifted by $0.30 are left.'),
  })
})

test('what the budgets have room for takes nothing of a lift', async () => {
  const call = callOf({ incident: await seeded() })
  const budgets = budgetsOf({ incident: { dollars: 1 } })
  await lift(call, 1)
  for (const turn of [1, 2, 3, 4]) {
    expect(await reserveCall(db.store, { ...call, turn }, budgets)).toMatchObject({ kind: 'reserved' })
  }
  expect(await reserveCall(db.store, { ...call, turn: 5 }, budgets)).toMatchObject({ kind: 'over-budget' })
})

test('a lift gets back what a call did not use of it', async () => {
  const call = callOf({ incident: await seeded() })
  const budgets = budgetsOf({ incident: { dollars: 0.1 } })
  await lift(call, 0.51)
  await asked(call, budgets, answered)
  await asked({ ...call, turn: 2 }, budgets, { kind: 'failed', paid: false, says: 'It answered 529.', milliseconds: 1 })
  expect(await reserveCall(db.store, { ...call, turn: 3 }, budgets)).toMatchObject({ kind: 'reserved' })
  expect(await reserveCall(db.store, { ...call, turn: 4 }, budgets)).toMatchObject({ kind: 'over-budget' })
})

test('a lift ends, too, where the model costs nothing', async () => {
  const call = callOf({ incident: await seeded(), worst: { ...worst, dollars: 0 } })
  const budgets = budgetsOf({ incident: { tokens: 1_500 } })
  await lift(call, 0.01)
  const kinds: string[] = []
  for (let turn = 1; turn <= 12; turn += 1) kinds.push((await reserveCall(db.store, { ...call, turn }, budgets)).kind)
  // One within the budget, and 4,000 tokens of the lift.
  expect(kinds.filter((kind) => kind === 'reserved')).toHaveLength(5)
  await lift(call, 0.01)
  expect(await reserveCall(db.store, { ...call, turn: 13 }, budgets)).toMatchObject({ kind: 'reserved' })
})
