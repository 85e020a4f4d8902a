import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { Config } from '../../runtime/config.ts'
import { newId } from '../../runtime/ids.ts'
import { insertAudit } from '../../store/audit.ts'
import { invite, localAdmin } from '../../store/people.ts'
import { openSession } from '../../store/session.ts'
import { sweep } from '../../store/retention.ts'
import { readCounts } from '../../store/tally.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedInvestigation } from '../support/seed-investigation.ts'
import {
  seedDecision,
  seedEvidence,
  seedIncident,
  seedPlan,
  seedRun,
  seedRunEvents,
  type Seeded,
} from '../support/seed.ts'

const opened: TestStore[] = []
let db: TestStore
beforeEach(async () => {
  db = await testStore()
  opened.push(db)
  // As after a year of hourly sweeps.
  await sql`update tally_until set at = now() - interval '2 days'`.execute(db.store)
})
afterAll(() => Promise.all(opened.map((one) => one.end())))

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)
const { retention } = Config.parse({})
const run = () => sweep(db.store, retention, new AbortController().signal)

const looked = [
  { probe: 'failed-units', params: {} },
  { status: 'ok', facts: {}, excerpt: '', truncated: false },
] as const

/** An incident with one of everything; `closed` days ago, or open when null. */
async function story(days: number, closed: number | null): Promise<Seeded> {
  const state = closed === null ? 'handed-over' : 'closed'
  const closedAt = closed === null ? null : daysAgo(closed)
  const incident = await seedIncident(db.store, { openedAt: daysAgo(days), state, closedAt })
  await seedEvidence(db.store, incident, [looked])
  const plan = await seedPlan(db.store, incident)
  await seedDecision(db.store, incident, plan.digest, { person: 'admin', reason: 'ok' })
  const outcome = { kind: 'succeeded', changed: 1, tasks: 2 } as const
  const id = await seedRun(db.store, incident, plan, { after: 1_000, state: 'succeeded', outcome })
  await seedRunEvents(db.store, id, incident.openedAt, [{ says: 'one' }, { says: 'two' }])
  const at = incident.openedAt
  const letter = { notifier: 'mail', key: incident.id, incident: incident.id, body: '{}', created_at: at, next_at: at }
  await db.store
    .insertInto('outbox')
    .values({ ...letter, sent_at: at })
    .execute()
  const told = { incident: incident.id, kind: 'start', created_at: at, next_at: at, done_at: at } as const
  await db.store.insertInto('dispatch').values(told).execute()
  await seedInvestigation(db.store, incident)
  return incident
}

/** How much is left of an incident, table by table. */
async function left({ id }: Seeded): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<Record<string, number>>`select
    (select count(*)::integer from incident where id = ${id}) as incident,
    (select count(*)::integer from alert where incident = ${id}) as alert,
    (select count(*)::integer from delivery d join alert a on a.delivery = d.id where a.incident = ${id}) as delivery,
    (select count(*)::integer from incident_evidence e join evidence v on v.id = e.evidence where e.incident = ${id}) as evidence,
    (select count(*)::integer from investigation where incident = ${id}) as investigation,
    (select count(*)::integer from investigation_message where incident = ${id}) as message,
    (select count(*)::integer from investigation_turn where incident = ${id}) as turn,
    (select count(*)::integer from model_call where incident = ${id}) as call,
    (select count(*)::integer from plan where incident = ${id}) as plan,
    (select count(*)::integer from decision where incident = ${id}) as decision,
    (select count(*)::integer from run where incident = ${id}) as run,
    (select count(*)::integer from run_event e join run r on r.id = e.run where r.incident = ${id}) as run_event,
    (select count(*)::integer from outbox where incident = ${id}) as outbox,
    (select count(*)::integer from dispatch where incident = ${id}) as dispatch`.execute(db.store)
  return rows[0] ?? {}
}

const whole = {
  incident: 1,
  alert: 1,
  delivery: 1,
  evidence: 1,
  investigation: 1,
  message: 2,
  turn: 1,
  call: 1,
  plan: 1,
  decision: 1,
  run: 1,
  run_event: 2,
  outbox: 1,
  dispatch: 1,
}
const nothing = Object.fromEntries(Object.keys(whole).map((table) => [table, 0]))

describe('what is kept', () => {
  test('an open incident keeps everything, however old it is', async () => {
    const old = await story(900, null)
    await run()
    expect(await left(old)).toEqual(whole)
  })

  test('of a closed one go deliveries and letters after 30 days, evidence, what models read and output after 90, all after 400', async () => {
    const ages = await Promise.all([3, 31, 91, 401].map((days) => story(days + 1, days)))

    await run()

    const spent = { ...whole, delivery: 0, outbox: 0, dispatch: 0 }
    expect(await Promise.all(ages.map(left))).toEqual([
      whole,
      spent,
      { ...spent, evidence: 0, run_event: 0, message: 0, turn: 0 },
      nothing,
    ])
  })

  test('what models cost is kept as long as the audit record, whether its incident is there or not', async () => {
    const days = { ...retention, incidentsDays: 400, auditDays: 500 }
    const [gone, both] = await Promise.all([story(450, 449), story(520, 519)])
    await sweep(db.store, days, new AbortController().signal)
    expect(await left(gone)).toEqual({ ...nothing, call: 1 })
    expect(await left(both)).toEqual(nothing)
  })

  test('evidence that an open incident has, too, stays', async () => {
    const closed = await story(200, 199)
    const open = await story(200, null)
    const [shared] = await seedEvidence(db.store, closed, []).then(() =>
      db.store.selectFrom('incident_evidence').select('evidence').where('incident', '=', closed.id).execute(),
    )
    const row = { incident: open.id, round: 2, position: 0, host: 'web-01', taken_at: daysAgo(200) }
    await db.store
      .insertInto('incident_evidence')
      .values({ ...row, evidence: shared?.evidence ?? '' })
      .execute()

    await run()

    expect(await left(closed)).toMatchObject({ evidence: 0 })
    expect(await left(open)).toMatchObject({ evidence: 2 })
  })

  test('codes and sessions go a week after they ended, deliveries of no incident after 30 days', async () => {
    for (const days of [30, 0]) {
      await invite(db.store, localAdmin, null, daysAgo(days))
      await openSession(db.store, { person: localAdmin, kind: 'cli' }, daysAgo(days))
      const loose = { id: newId('del'), source: 'x', team: 'default', environment: 'default', body_digest: 'd' }
      const refused = { ...loose, result: 'rejected', says: 'no', body: '', received_at: daysAgo(days + 1) } as const
      await db.store.insertInto('delivery').values(refused).execute()
    }

    expect(await run()).toMatchObject({ codes: 1, sessions: 1, deliveries: 1 })
    expect(await run()).toEqual({})
  })

  test('more than a batch goes in one sweep, and the sweep is in the audit record', async () => {
    const rows = Array.from({ length: 1_200 }, () => ({
      id: newId('del'),
      source: 'x',
      team: 'default',
      environment: 'default',
      body_digest: 'd',
      says: '',
      body: '',
      result: 'rejected' as const,
      received_at: daysAgo(40),
    }))
    await db.store.insertInto('delivery').values(rows).execute()

    expect(await run()).toEqual({ deliveries: 1_200 })
    const audit = await db.store.selectFrom('audit_event').selectAll().execute()
    expect(audit).toMatchObject([{ actor: 'system:retention', act: 'retention.swept', detail: { deliveries: 1_200 } }])
  })

  test('several sweeps at once remove the same as one', async () => {
    const old = await Promise.all([500, 501, 502].map((days) => story(days, days - 1)))
    await Promise.all([run(), run(), run()])
    await run()
    expect(await Promise.all(old.map(left))).toEqual([nothing, nothing, nothing])
  })
})

describe('counters', () => {
  test('no sweep changes them: what went is summed up before', async () => {
    await sql`update tally_until set at = now() - interval '500 days'`.execute(db.store)
    for (const days of [450, 100, 40, 1]) await story(days, days - 1)
    await story(300, null)
    // Alerts are counted by their ids, which the seeds make now.
    const counts = async () => (await readCounts(db.store)).filter(({ metric }) => metric !== 'alerts')
    const before = await counts()

    for (let sweeps = 0; sweeps < 2; sweeps += 1) await run()

    expect(await counts()).toEqual(before)
    expect(before).toContainEqual({ metric: 'deliveries', labels: ['alertmanager', 'opened'], value: 5 })
    expect(before).toContainEqual({ metric: 'runs', labels: ['service-restart', 'succeeded'], value: 5 })
    expect(await left(await story(1, null))).toEqual(whole)
  })
})

describe('the audit record', () => {
  const write = (days: number, act = 'test') => {
    const event = { at: daysAgo(days), team: 't', environment: 'e', actor: 'system:test', act, subject: 's' }
    return db.store.transaction().execute((tx) => insertAudit(tx, [{ ...event, digests: {}, detail: {} }]))
  }
  const events = () => db.store.selectFrom('audit_event').select(['seq', 'act']).orderBy('seq').execute()
  const lines = async () =>
    (
      await sql<{ line: string }>`select to_jsonb(e)::text as line from audit_event e order by seq`.execute(db.store)
    ).rows
      .map(({ line }) => line)
      .join('\n')
  const cuts = async () =>
    (await sql<{ events: string; digest: string }>`select * from audit_cut order by through`.execute(db.store)).rows
  const digest = (before: string, text: string) => createHash('sha256').update(`${before}\n${text}`).digest('hex')

  test('its beginning goes after 400 days, and a cut says how much it was and what', async () => {
    await sql`set timezone = 'UTC'`.execute(db.store)
    await write(500, 'first')
    await write(450, 'second')
    await write(10, 'third')
    const all = (await lines()).split('\n')

    expect(await run()).toMatchObject({ auditEvents: 2 })

    expect((await events()).map(({ act }) => act)).toEqual(['third', 'retention.swept'])
    expect(await cuts()).toMatchObject([{ events: '2', digest: digest('', all.slice(0, 2).join('\n')) }])
  })

  test('an old event behind a younger one stays: only the beginning is cut', async () => {
    await write(10)
    await write(500)
    expect(await run()).toEqual({})
    expect(await events()).toHaveLength(2)
  })

  test('nobody deletes anything else, nor lies in a cut, nor changes one', async () => {
    await write(500)
    await write(499)
    await write(5)
    const [first] = await events()
    const seq = first?.seq ?? ''
    const refused = (...statements: readonly ReturnType<typeof sql>[]) =>
      expect(
        db.store.transaction().execute(async (tx) => {
          for (const statement of statements) await statement.execute(tx)
        }),
      ).rejects.toThrow('append-only')
    const lie = sql`insert into audit_cut values (${seq}, now(), 1, now() - interval '1 year', now() - interval '1 year', 'x')`

    await refused(sql`delete from audit_event`)
    await refused(sql`delete from audit_event where seq = ${seq}`)
    await refused(lie, sql`delete from audit_event where seq = ${seq}`)
    await refused(sql`select cut_audit(now(), 100)`, sql`delete from audit_event`)
    await refused(sql`select cut_audit(now(), 1)`, sql`update audit_cut set events = 0`)
    await refused(sql`select cut_audit(now(), 1)`, sql`delete from audit_cut`)
    await refused(sql`truncate audit_cut`)
    expect(await events()).toHaveLength(3)
  })

  test('younger than 30 days nothing is cut, whatever is asked for', async () => {
    await write(29)
    const { rows } = await sql<{ cut: string }>`select cut_audit(now(), 100) as cut`.execute(db.store)
    expect(Number(rows[0]?.cut)).toBe(0)
    expect(await events()).toHaveLength(1)
  })

  test('cut after cut, each digest continues the one before', async () => {
    await write(500)
    const first = await lines()
    await run()
    await write(450)
    await sql`select cut_audit(now() - interval '400 days', 100)`.execute(db.store)
    const all = await cuts()
    expect(all[0]?.digest).toBe(digest('', first))
  })
})
