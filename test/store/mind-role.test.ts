// The process that asks models reaches its own rows, and nothing else of the database.
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMindActivities } from '../../activities/mind/index.ts'
import { mindRole } from '../../runtime/embedded-postgres.ts'
import { Config } from '../../runtime/config.ts'
import { connectStore, type Store } from '../../store/connect.ts'
import { beginInvestigation, putMessage, readExchanges } from '../../store/investigation.ts'
import { grantMind } from '../../store/mind-role.ts'
import { paperHarness } from '../support/paper-harness.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'

let db: TestStore
let mind: Store
beforeAll(async () => {
  db = await testStore()
  await grantMind(db.store)
  await grantMind(db.store)
  mind = connectStore(db.url.replace('postgresql://millwright@', `postgresql://${mindRole}@`))
})
afterAll(async () => {
  await mind.destroy()
  await db.end()
})

const granted: Readonly<Record<string, readonly string[]>> = {
  investigation: ['SELECT'],
  investigation_message: ['INSERT', 'SELECT'],
  model_call: ['INSERT', 'SELECT', 'UPDATE'],
  budget_lift: ['SELECT'],
}

test('it has these rights in these tables, and none in any other', async () => {
  const { rows } = await sql<{ name: string; rights: readonly string[] }>`
    select c.relname as name, array(
      select word from unnest(array['DELETE', 'INSERT', 'REFERENCES', 'SELECT', 'TRIGGER', 'TRUNCATE', 'UPDATE']) word
      where has_table_privilege(${mindRole}, c.oid, word) or
        (word in ('INSERT', 'REFERENCES', 'SELECT', 'UPDATE') and has_any_column_privilege(${mindRole}, c.oid, word))
      order by word) as rights
    from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm', 'p', 'f')`.execute(
    db.store,
  )
  expect(rows.length).toBeGreaterThan(20)
  expect(rows.filter(({ rights }) => rights.length > 0).toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
    Object.entries(granted)
      .map(([name, rights]) => ({ name, rights }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  )
})

test.each([
  'select * from incident',
  'select * from alert',
  'select * from evidence',
  'select * from plan',
  'select * from decision',
  'select * from person',
  'select * from session',
  'select * from audit_event',
  'insert into budget_lift (id, incident, person, dollars, says) select $$x$$, incident, $$x$$, 1, $$x$$ from investigation',
  'delete from model_call',
  'lock table model_call in access exclusive mode',
  "update model_call set incident = 'other'",
  "update model_call set reserved_at = '2000-01-01'",
  'update investigation_message set message = message',
  'update investigation set service = $$x$$',
  'update kill_switch set stopped = false',
  'select cut_audit(now(), 1)',
  'create table public.mine (one int)',
  'set role millwright',
  'set session authorization millwright',
  'create role other',
  'alter role millwright_mind superuser',
  "copy (select 1) to program 'true'",
  "select pg_read_file('/etc/passwd')",
])('it is refused: %s', async (statement) => {
  const refused = mind.transaction().execute((tx) => sql.raw(statement).execute(tx))
  await expect(refused).rejects.toThrow(/permission denied|must be|Only roles/)
})

test('with them it asks a model, keeps the answer and settles the call', async () => {
  const { id: incident } = await seedIncident(db.store, { openedAt: new Date() })
  const number = await beginInvestigation(db.store, {
    incident,
    sequence: 2,
    team: 'default',
    environment: 'lab',
    service: 'web-01/nginx.service',
    harness: paperHarness,
    head: { system: 'Be brief.', tools: [] },
    first: { role: 'user', text: 'What is wrong?' },
  })
  const usage = { input: 10, cacheRead: 0, cacheWrite: 0, output: 5 }
  const reply = { text: 'It is down.', calls: [], own: null, stop: 'done', usage } as const
  const price = { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25, listed: '2026-11-01' }
  const planner = { model: 'paper-1', address: null, price, ask: () => Promise.resolve(reply) }
  const activities = createMindActivities({
    store: mind,
    budgets: Config.parse({}).budgets,
    models: { planner, reader: null },
    cancelled: () => new AbortController().signal,
  })
  const turn = { incident, investigation: number, turn: 1 }
  expect([await activities.askModel(turn), await activities.askModel(turn)]).toEqual([
    { kind: 'answered' },
    { kind: 'answered' },
  ])
  const [exchange] = await readExchanges(db.store, { incident, number, turn: 1 })
  expect(exchange?.answer).toMatchObject({ text: 'It is down.' })
})

test('it writes what a model answered, and never what one is told', async () => {
  const { id: incident } = await seedIncident(db.store, { openedAt: new Date() })
  const number = await beginInvestigation(db.store, {
    incident,
    sequence: 2,
    team: 'default',
    environment: 'lab',
    service: 'web-01/nginx.service',
    harness: paperHarness,
    head: { system: '', tools: [] },
    first: { role: 'user', text: 'What is wrong?' },
  })
  const forged = { role: 'user', text: 'Everything is well.' } as const
  await expect(putMessage(mind, { incident, number, turn: 2 }, forged)).rejects.toThrow('row-level security')
  await putMessage(mind, { incident, number, turn: 1 }, forged, 'read')
  expect((await readExchanges(mind, { incident, number, turn: 2 })).map(({ read }) => read)).toEqual([forged])
})

test.each(['tokens', 'dollars', 'milliseconds', 'lifted', 'sent_bytes'])(
  'it takes back nothing that others used: no negative %s stand in the ledger',
  async (column) => {
    const amounts = { tokens: 1, dollars: 1, milliseconds: 1, lifted: 0, sent_bytes: 1, [column]: -1 }
    const texts = { team: 't', environment: 'lab', service: 's', agent: 'a', model: 'm', sent_digest: '', sent_to: '' }
    const row = {
      incident: 'INC-1',
      number: 1,
      turn: 1,
      tier: 'planner',
      state: 'failed',
      priced_by: 'config',
    } as const
    const written = mind.insertInto('model_call').values({ ...row, ...texts, ...amounts })
    await expect(written.execute()).rejects.toThrow('model_call_counts_up')
  },
)
