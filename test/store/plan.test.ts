// What policy is told of the past: counted from the rows of runs.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Plan } from '../../domain/plan.ts'
import type { RunState } from '../../domain/run.ts'
import { newId } from '../../runtime/ids.ts'
import { measureForPolicy } from '../../store/plan.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident, seedPlan, seedRun } from '../support/seed.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const digest = 'd'.repeat(64)

async function ran(
  host: string,
  id: string,
  change: Partial<Plan> = {},
  state: RunState = 'succeeded',
): Promise<string> {
  const incident = await seedIncident(db.store, { openedAt: new Date(), host })
  const hosts: Plan['hosts'] = [{ id: host, name: host, hostKeys: [] }]
  const plan = await seedPlan(db.store, incident, { hosts, playbook: { id, version: '1.0.0', digest }, ...change })
  return seedRun(db.store, incident, plan, { after: 0, state, outcome: null })
}

/** Playbooks of names that no other test uses. */
const names = () => ({ mine: newId('plan'), other: newId('plan') })
const measured = (host: string, { mine, other }: ReturnType<typeof names>, except: string | null = null) =>
  measureForPolicy(db.store, { host, environment: 'lab', playbook: { id: mine, conflicts: [other] } }, except)

test('other hosts of the hour are counted once each, without undos, refusals and what is long over', async () => {
  const both = names()
  await ran('a', both.mine)
  await ran('a', both.mine)
  await ran('b', both.mine, {}, 'unknown')
  await ran('c', both.mine, {}, 'refused')
  await ran('d', both.mine, { kind: 'undo' })
  await ran('e', both.other)
  const old = await ran('f', both.mine)
  await db.store
    .updateTable('run')
    .set({ created_at: new Date(0) })
    .where('id', '=', old)
    .execute()
  const elsewhere = await ran('g', both.mine)
  await db.store.updateTable('run').set({ environment: 'production' }).where('id', '=', elsewhere).execute()

  expect(await measured('z', both)).toMatchObject({ otherHostsThisHour: 2 })
  expect(await measured('a', both)).toMatchObject({ otherHostsThisHour: 1 })
})

test('a conflicting playbook counts on its host only, while it runs as well', async () => {
  const both = names()
  expect(await measured('a', both)).toMatchObject({ sinceConflict: null })
  await ran('b', both.other)
  await ran('a', both.other, {}, 'refused')
  expect(await measured('a', both)).toMatchObject({ sinceConflict: null })
  await ran('a', both.other, {}, 'started')
  expect((await measured('a', both)).sinceConflict).toBeGreaterThanOrEqual(0)
})
