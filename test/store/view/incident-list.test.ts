import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainText } from '../../../domain/telling/words.ts'
import { incidentList } from '../../../store/view/incident-list.ts'
import { testStore, type TestStore } from '../../support/postgres.ts'
import { awaiting, byItself, handedOver, notRecovered, recovering, repaired } from '../../support/scenarios.ts'

const now = new Date('2026-11-21T12:00:00Z')
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000)
let db: TestStore

beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

test('an empty store says that nothing needs anybody', async () => {
  const list = await incidentList(db.store, { team: null, now })
  expect(list).toMatchObject({
    headline: 'Nothing needs you',
    says: 'No incident is open.',
    needsYou: [],
    left: { needsYou: 0 },
  })
  expect(list.counters).toEqual({
    alertsToday: 0,
    incidentsToday: 0,
    repairedToday: 0,
    handedOverToday: 0,
    wrongChanges: 0,
    runs: 0,
  })
})

test('groups come in the order of need, each counter is measured', async () => {
  await repaired(db.store, ago(50))
  await repaired(db.store, ago(60 * 24))
  await byItself(db.store, ago(40))
  const novel = await handedOver(db.store, ago(30))
  const failed = await notRecovered(db.store, ago(20))
  const live = await recovering(db.store, now)
  const asked = await awaiting(db.store, now)
  const list = await incidentList(db.store, { team: null, now })
  expect(list.headline).toBe('3 incidents need you')
  expect(list.needsYou.map((row) => row.number)).toEqual([asked, novel, failed].map((one) => Number(one.number)))
  expect(list.inProgress.map((row) => row.number)).toEqual([Number(live.number)])
  expect(list.closed).toHaveLength(2)
  expect(list.counters).toEqual({
    alertsToday: 6,
    incidentsToday: 6,
    repairedToday: 1,
    handedOverToday: 2,
    wrongChanges: 1,
    runs: 4,
  })
})

test('each row says in one sentence what is going on', async () => {
  const { needsYou, inProgress, closed } = await incidentList(db.store, { team: null, now })
  const rows = [...needsYou, ...inProgress, ...closed]
  expect(rows.map((row) => `${row.badge.word} | ${row.title} | ${plainText(row.says)}`)).toMatchInlineSnapshot(`
    [
      "Approve | /var/log is 94 % full of rotated logs on web-02 | Delete rotated logs of nginx older than 7 days · disk-space-reclaim@1.2.0 · expires 12:09 UTC, then hands over",
      "Handed over | HighErrorRate on web-01 | No known fault matches what was seen. Handed over with 4 pieces of evidence; 2 known faults ruled out.",
      "Repair failed | nginx.service crashed on web-01 | The repair failed. One repair did not hold and no other fits.",
      "Verifying | nginx.service crashed on web-01 | Restart nginx.service: done; recovering, 40 s to go.",
      "Recovered by itself | HostHighCpuLoad on web-02 | Clear before any change was made.",
      "Repaired | nginx.service was killed for want of memory on web-01 | Restart nginx.service: carried out alone, back 4.4 s after the alert, held for 1 min.",
    ]
  `)
  expect(needsYou[0]?.expiresAt).toBe('2026-11-21T12:09:00.000Z')
})

test('today begins at midnight of the zone that is asked for', async () => {
  const late = new Date('2026-11-21T23:30:00Z')
  expect((await incidentList(db.store, { team: null, now: late })).closed).toHaveLength(2)
  expect((await incidentList(db.store, { team: null, now: late, zone: 'Europe/Berlin' })).closed).toHaveLength(0)
})
