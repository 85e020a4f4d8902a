// `max_alerts` of a sender cuts alerts off: what they are about is seen by nobody.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createInbox, type Inbox } from '../../store/inbox.ts'
import { readSubjectsCounted } from '../../store/incident.ts'
import { incoming, incomingAlert, newGroup, over } from '../support/incoming.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
let inbox: Inbox
beforeAll(async () => {
  db = await testStore()
  inbox = createInbox(db.store)
})
afterAll(() => db.end())

test('while the sender leaves alerts out, not everything can have been looked at', async () => {
  const group = newGroup()
  const alert = incomingAlert('web-01')
  const say = async (truncated: number, second: number, item = alert): Promise<boolean> => {
    const receivedAt = new Date(Date.parse('2026-11-21T10:00:00Z') + second * 1_000)
    const { incidents } = await inbox.record(incoming(group, [item], { truncated, receivedAt }))
    return (await readSubjectsCounted(db.store, incidents[0]?.id ?? '')).complete
  }

  expect(await say(0, 0)).toBe(true)
  expect(await say(3, 1)).toBe(false)
  expect(await say(2, 2, over(alert))).toBe(false)
  expect(await say(0, 3)).toBe(true)
})
