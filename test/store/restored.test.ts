// Fences after a database was restored from a backup.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeLease } from '../../store/lease.ts'
import { raiseFences } from '../../store/restored.ts'
import { deafHost, openRun } from '../activities/run-world.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

async function nextFence(host: string): Promise<number> {
  const { run, plan } = await openRun(db.store, { ...deafHost, id: host, name: host })
  const now = new Date()
  const until = new Date(now.getTime() + 60_000)
  const lease = await takeLease(db.store, { run, host, planDigest: plan.digest, decision: null, now, until })
  if (lease.kind !== 'taken') throw new Error(lease.kind)
  await db.store.updateTable('host_lease').set({ run: null, until: null }).where('host', '=', host).execute()
  return lease.fence
}

test('after each restoring every host goes on above what it has seen, also one that the backup does not know', async () => {
  const first = new Date('2026-11-21T10:00:00Z')
  expect([await nextFence('known'), await nextFence('known')]).toEqual([1, 2])

  const raised = await raiseFences(db.store, first)
  expect(raised).toBe((first.getTime() - Date.parse('2026-01-01T00:00:00Z')) / 1_000)
  expect(await nextFence('known')).toBe(raised + 1)
  expect(await nextFence('unknown')).toBe(raised + 1)

  // The same backup once more: it knows nothing of the first restoring.
  await db.store.deleteFrom('restored').execute()
  await db.store.updateTable('host_lease').set({ fence: '2' }).execute()
  await raiseFences(db.store, new Date(first.getTime() + 60_000))
  expect(await nextFence('known')).toBeGreaterThan(raised + 1)
})

test('a clock that runs behind lowers no fence, and it stands in the audit record who restored', async () => {
  const before = await nextFence('known')
  expect(await raiseFences(db.store, new Date('2020-01-01T00:00:00Z'))).toBe(before)
  expect(await nextFence('known')).toBe(before + 1)

  const events = await db.store.selectFrom('audit_event').selectAll().where('act', '=', 'database.restored').execute()
  expect(events.at(-1)).toMatchObject({ actor: 'person:admin', subject: 'fences', detail: { fence: String(before) } })
})
