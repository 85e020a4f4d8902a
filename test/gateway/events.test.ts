import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Person } from '../../domain/person.ts'
import { removePerson } from '../../store/people.ts'
import { setSwitch } from '../../store/switch.ts'
import { writeTransition } from '../../store/transition.ts'
import { testGateway } from '../support/gateway.ts'
import { logInAs } from '../support/people.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { recovering } from '../support/scenarios.ts'
import type { Seeded } from '../support/seed.ts'

let db: TestStore
let app: Awaited<ReturnType<typeof testGateway>>
let one: Seeded
let other: Seeded

beforeAll(async () => {
  db = await testStore()
  app = await testGateway(db.store)
  one = await recovering(db.store, new Date(Date.now() - 600_000))
  other = await recovering(db.store, new Date(Date.now() - 600_000))
})
afterAll(() => db.end())

const robin: Person = { name: 'robin', role: 'approver', team: 'default' }

type Heard = { readonly event: string; readonly id: string; readonly data: Record<string, unknown> }

/** Opens the stream; `next` waits for one event. */
async function listen(query: string, more: Readonly<Record<string, string>> = {}, person: Person = robin) {
  const headers = { ...more, authorization: `Bearer ${await logInAs(db.store, person)}` }
  const ending = new AbortController()
  const response = await app.request(`http://127.0.0.1:8321/api/v1/events${query}`, { headers, signal: ending.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) throw new Error('no stream')
  let text = ''
  const next = async (): Promise<Heard> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end !== -1) {
        const fields = Object.fromEntries(
          text
            .slice(0, end)
            .split('\n')
            .map((line) => line.split(/: (.*)/s)),
        )
        text = text.slice(end + 2)
        if (fields['event'] !== undefined)
          return { event: fields['event'], id: fields['id'] ?? '', data: JSON.parse(fields['data'] ?? '{}') }
        continue
      }
      const { value, done } = await reader.read()
      if (done) throw new Error('the stream ended')
      text += value
    }
  }
  const close = async (): Promise<void> => {
    await reader.cancel()
    ending.abort()
  }
  return { next, close, status: response.status }
}

let sequence = 100
const write = async (incident: Seeded): Promise<number> => {
  sequence += 1
  await writeTransition(
    db.store,
    { incident: incident.id, sequence, state: null, entry: { kind: 'source-resolved' } },
    async () => undefined,
  )
  return sequence
}

test('a listener of one incident hears of it, not of others', async () => {
  const heard = await listen(`?incident=${one.number}`)
  await write(other)
  const written = await write(one)
  expect(await heard.next()).toMatchObject({
    event: 'changed',
    data: { what: 'timeline', incident: Number(one.number), sequence: written, kind: 'source-resolved' },
  })
  await heard.close()
})

test('what was written while the link was lost comes after it, by the last event’s id', async () => {
  const first = await listen('')
  const before = await write(one)
  const last = await first.next()
  expect(last.data['sequence']).toBe(before)
  await first.close()
  const missed = await write(other)
  const again = await listen('', { 'last-event-id': last.id })
  const heard = [await again.next(), await again.next()]
  expect(heard.map(({ data }) => data['sequence'])).toContain(missed)
  await again.close()
})

test('whoever comes back too late is told to read everything anew', async () => {
  const heard = await listen('', { 'last-event-id': '2020-01-01T00:00:00.000Z/timeline/1/1' })
  expect((await heard.next()).event).toBe('reset')
  await heard.close()
})

test('the kill switch concerns everybody', async () => {
  const heard = await listen(`?incident=${one.number}`)
  await setSwitch(db.store, { stopped: true, by: 'robin', team: 'default', says: 'halt', at: new Date() })
  expect((await heard.next()).data).toMatchObject({ what: 'switch', incident: null })
  await heard.close()
})

test('nobody hears of another team’s incidents, and no event says whose it is', async () => {
  await db.store.updateTable('incident').set({ team: 'data' }).where('id', '=', other.id).execute()
  const heard = await listen('')
  await write(other)
  const written = await write(one)
  const { data } = await heard.next()
  expect(data).toMatchObject({ incident: Number(one.number), sequence: written })
  expect(data).not.toHaveProperty('team')
  await heard.close()
  const admin = await listen('', {}, { name: 'olga', role: 'admin', team: 'web' })
  const theirs = await write(other)
  expect((await admin.next()).data).toMatchObject({ sequence: theirs })
  await admin.close()
})

test('a person who is removed hears nothing any more', async () => {
  const heard = await listen('', {}, { name: 'gone', role: 'viewer', team: 'default' })
  await removePerson(db.store, 'gone', 'olga', new Date())
  await write(one)
  await expect(heard.next()).rejects.toThrow('the stream ended')
})

test('whoever only asks for the headers listens to nothing, and takes nobody’s place', async () => {
  const headers = { authorization: `Bearer ${await logInAs(db.store, robin)}` }
  const ask = () => app.request('http://127.0.0.1:8321/api/v1/events', { method: 'HEAD', headers })
  for (let at = 0; at < 64; at += 1) expect((await ask()).status).toBe(200)
  const heard = await listen('')
  expect(heard.status).toBe(200)
  await heard.close()
})

test('listeners are counted, and one too many is refused', async () => {
  const all = await Promise.all(Array.from({ length: 64 }, () => listen('')))
  expect((await listen('')).status).toBe(429)
  await Promise.all(all.map((heard) => heard.close()))
})

test('one person does not take the places of all', async () => {
  const greedy: Person = { ...robin, name: 'greedy' }
  const held = await Promise.all(Array.from({ length: 16 }, () => listen('', {}, greedy)))
  expect(held.map(({ status }) => status)).toEqual(held.map(() => 200))
  const [more, somebody] = [await listen('', {}, greedy), await listen('')]
  expect([more.status, somebody.status]).toEqual([429, 200])
  await Promise.all([...held, more, somebody].map(({ close }) => close()))
})
