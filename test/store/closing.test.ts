// A close and an alert that meet: the alert is heard before the close, which is then none, or it opens the incident
// again. It is never swallowed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countFirings } from '../../store/alert.ts'
import type { Transition } from '../../domain/timeline.ts'
import { createInbox, type Inbox } from '../../store/inbox.ts'
import { writeTransition } from '../../store/transition.ts'
import { incoming, incomingAlert, newGroup, over } from '../support/incoming.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
let inbox: Inbox
beforeAll(async () => {
  db = await testStore()
  inbox = createInbox(db.store)
})
afterAll(() => db.end())

const first = incomingAlert('web-01')
const other = incomingAlert('web-01', { labels: { alertname: 'DiskFull' } })

/** An incident whose repair was verified, with so many firings known. */
async function verified(): Promise<{ readonly group: string; readonly incident: string }> {
  const group = newGroup()
  const incident = (await inbox.record(incoming(group, [first]))).incidents[0]?.id ?? ''
  await db.store.updateTable('incident').set({ state: 'verifying' }).where('id', '=', incident).execute()
  return { group, incident }
}

const closing = (incident: string, firings: number): Transition => ({
  incident,
  sequence: 1,
  state: 'closed',
  entry: { kind: 'closed', reason: 'recovered', person: null, says: 'It held.' },
  firings,
})
const close = (incident: string, firings = 1) =>
  writeTransition(db.store, closing(incident, firings), () => Promise.resolve())
const stateOf = async (incident: string) =>
  (await db.store.selectFrom('incident').select('state').where('id', '=', incident).executeTakeFirstOrThrow()).state
const dispatchesOf = async (incident: string) =>
  (await db.store.selectFrom('dispatch').select('kind').where('incident', '=', incident).orderBy('id').execute()).map(
    ({ kind }) => kind,
  )

describe('a close', () => {
  test('counts while no other alert has fired, whatever is repeated or over', async () => {
    const { group, incident } = await verified()
    await inbox.record(incoming(group, [first], { receivedAt: new Date(Date.now() + 1_000) }))
    await inbox.record(incoming(group, [over(first)]))

    expect(await close(incident)).toBe(true)
    expect(await stateOf(incident)).toBe('closed')
  })

  test('does not count when another alert has fired since, and leaves no trace', async () => {
    const { group, incident } = await verified()
    await inbox.record(incoming(group, [first, other]))

    expect(await close(incident)).toBe(false)
    expect(await stateOf(incident)).toBe('verifying')
    expect(await db.store.selectFrom('timeline').where('incident', '=', incident).selectAll().execute()).toHaveLength(1)
  })

  test('does not count when the same alert has fired anew since', async () => {
    const { group, incident } = await verified()
    const anew = incomingAlert('web-01', { startsAt: '2026-11-21T10:20:00Z' })
    await inbox.record(incoming(group, [anew]))

    expect(await close(incident)).toBe(false)
  })

  test('that was written before stays, though another alert has fired since', async () => {
    const { group, incident } = await verified()
    await close(incident)
    await inbox.record(incoming(group, [other]))

    expect(await close(incident)).toBe(true)
    expect(await stateOf(incident)).toBe('open')
  })

  test('that does not count replaces nothing of what a lost task wrote under its number', async () => {
    const { group, incident } = await verified()
    await inbox.record(incoming(group, [first, other]))
    const more = { incident, sequence: 1, state: 'investigating', entry: { kind: 'more-alerts' } } as const
    await writeTransition(db.store, more, () => Promise.resolve())

    expect(await close(incident)).toBe(false)
    expect(await stateOf(incident)).toBe('investigating')
  })

  test('at the same moment as another alert ends in an incident that somebody handles', async () => {
    for (let round = 0; round < 60; round += 1) {
      const { group, incident } = await verified()
      const [closed, heard] = await Promise.all([close(incident), inbox.record(incoming(group, [other]))])
      const result = heard.incidents[0]?.result
      // Merged: the workflow goes on and is told. Opened again: a new workflow is started for it.
      expect([closed, result, await stateOf(incident)]).toEqual(
        closed ? [true, 'reopened', 'open'] : [false, 'merged', 'verifying'],
      )
      expect(await dispatchesOf(incident)).toEqual(['start', closed ? 'start' : 'changed'])
      expect(await countFirings(db.store, incident)).toBe(2)
    }
  })
})
