// When an approval counts: one rule, whoever asks. The page and the gateway before it is given, the run's row, the
// lease, policy right before the run.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Insertable } from 'kysely'
import { createOpenRun } from '../../activities/open-run.ts'
import { newId } from '../../runtime/ids.ts'
import { approversOf } from '../../store/decision.ts'
import { takeLease } from '../../store/lease.ts'
import type { Database } from '../../store/schema.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedDecision, seedIncident, seedPlan } from '../support/seed.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const now = new Date()
const [before, after] = [new Date(now.getTime() - 1_000), new Date(now.getTime() + 1_000)]

type Change = Partial<Pick<Insertable<Database['decision']>, 'delivered_at' | 'void_at' | 'valid_until' | 'verdict'>>

const cases: readonly (readonly [what: string, counts: boolean, change: Change])[] = [
  ['that was delivered', true, { delivered_at: before, valid_until: before }],
  ['that is still under way', true, { delivered_at: null, valid_until: after }],
  ['that was never delivered', false, { delivered_at: null, valid_until: before }],
  ['that was made void', false, { delivered_at: null, valid_until: after, void_at: before }],
  ['that was delivered and made void all the same', false, { delivered_at: before, void_at: before }],
  ['that is a rejection', false, { delivered_at: before, verdict: 'reject' }],
]

/** A plan that one person must approve, with one decision on it. */
async function decided(change: Change, tier: 2 | 3 = 2) {
  const host = newId('run')
  const incident = await seedIncident(db.store, { openedAt: new Date(), host })
  const plan = await seedPlan(db.store, incident, { tier, hosts: [{ id: host, name: host, hostKeys: [] }] })
  await seedDecision(db.store, incident, plan.digest, { person: 'ann', reason: '' })
  await db.store.updateTable('decision').set(change).where('plan_digest', '=', plan.digest).execute()
  const { id } = await db.store
    .selectFrom('decision')
    .select('id')
    .where('plan_digest', '=', plan.digest)
    .executeTakeFirstOrThrow()
  return { incident, plan, decision: id, host }
}
const openRun = () => createOpenRun({ store: db.store, now: () => now })

describe('an approval', () => {
  test.each(cases)('%s: counts %s', async (_, counts, change) => {
    const { plan, decision, host } = await decided(change)

    const approvers = await approversOf(db.store, plan.digest, now)
    const answer = await openRun()({ plan: plan.id, decision })
    const opened = 'run' in answer ? answer : null

    expect(approvers.map(({ name }) => name)).toEqual(counts ? ['ann'] : [])
    expect(opened !== null).toBe(counts)
    const run = opened?.run ?? (await anyRun(plan.id, decision))
    const lease = await takeLease(db.store, { run, host, planDigest: plan.digest, decision, now, until: after })
    expect(lease.kind).toBe(counts ? 'taken' : 'refused')
  })

  test('that a run has claimed counts until that run is over, however late it is', async () => {
    const { plan, decision, host } = await decided({ delivered_at: null, valid_until: now })
    const opened = await openRun()({ plan: plan.id, decision })
    const run = 'run' in opened ? opened.run : ''
    await takeLease(db.store, { run, host, planDigest: plan.digest, decision, now, until: after })

    expect(await approversOf(db.store, plan.digest, after)).toHaveLength(1)
  })

  test('by one person twice counts once, and two are needed for tier 3', async () => {
    const { incident, plan, decision } = await decided({ delivered_at: before }, 3)
    await seedDecision(db.store, incident, plan.digest, { person: 'ann', reason: 'again' })

    expect(await openRun()({ plan: plan.id, decision })).toMatchObject({ kind: 'refused', code: 'policy.forbidden' })
    await seedDecision(db.store, incident, plan.digest, { person: 'bob', reason: '' })

    expect(await approversOf(db.store, plan.digest, now)).toHaveLength(2)
    expect(await openRun()({ plan: plan.id, decision })).toMatchObject({ state: 'planned' })
  })
})

/** A row that nothing of ours would have made. */
async function anyRun(plan: string, decision: string): Promise<string> {
  const id = newId('run')
  const from = db.store
    .selectFrom('plan')
    .select((eb) => [
      eb.val(id).as('id'),
      'incident',
      'id as plan',
      'digest as plan_digest',
      'team',
      'environment',
      'host',
      'playbook',
      eb.val(decision).as('decision'),
      eb.val('planned').as('state'),
      eb.val(now).as('created_at'),
      eb.val(after).as('deadline'),
    ])
    .where('id', '=', plan)
  const columns = ['id', 'incident', 'plan', 'plan_digest', 'team', 'environment', 'host', 'playbook'] as const
  await db.store
    .insertInto('run')
    .columns([...columns, 'decision', 'state', 'created_at', 'deadline'])
    .expression(from)
    .execute()
  return id
}
