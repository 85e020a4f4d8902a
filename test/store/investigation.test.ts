import type { Ask } from '../../domain/ask.ts'
import type { Turn } from '../../domain/diagnosis.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Message } from '../../domain/model.ts'
import {
  beginInvestigation,
  findInvestigation,
  putMessage,
  putTurn,
  readExchanges,
  readInvestigation,
  readTurn,
} from '../../store/investigation.ts'
import { paperHarness } from '../support/paper-harness.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const said = (text: string): Message => ({ role: 'user', text })
const answer = (text: string): Message => ({ role: 'assistant', text, calls: [], own: null })
const begin = (incident: string, sequence: number, text = 'What is wrong?') =>
  beginInvestigation(db.store, {
    incident,
    sequence,
    team: 'web',
    environment: 'lab',
    service: 'web-01/nginx.service',
    harness: paperHarness,
    head: { system: 'Be brief.', tools: [{ name: 'z', description: 'last letter first', input: { b: 1, a: 2 } }] },
    first: said(text),
  })

test('an investigation is begun once for each transition, also where two workers begin it at once', async () => {
  const { id } = await seedIncident(db.store, { openedAt: new Date() })
  expect(await findInvestigation(db.store, id, 3)).toBeNull()
  expect(await Promise.all([begin(id, 3), begin(id, 3, 'Another pack.')])).toEqual([1, 1])
  expect(await begin(id, 9)).toBe(2)
  expect(await findInvestigation(db.store, id, 9)).toBe(2)
  await expect(readInvestigation(db.store, { incident: id, number: 3 })).rejects.toThrow('no investigation 3')
})

test('system prompt and tools come back byte for byte as they were written', async () => {
  const { id } = await seedIncident(db.store, { openedAt: new Date() })
  await begin(id, 1)
  const { head, service } = await readInvestigation(db.store, { incident: id, number: 1 })
  expect(service).toBe('web-01/nginx.service')
  expect(JSON.stringify(head)).toBe(
    '{"system":"Be brief.","tools":[{"name":"z","description":"last letter first","input":{"b":1,"a":2}}]}',
  )
})

test('the conversation is read in its order, and what stands in it stays', async () => {
  const { id: incident } = await seedIncident(db.store, { openedAt: new Date() })
  const number = await begin(incident, 1)
  const first = { incident, number, turn: 1 }
  await putMessage(db.store, first, said('What is wrong, with facts?'), 'read')
  await putMessage(db.store, first, answer('Show me the unit.'), 'answer')
  await putMessage(db.store, first, answer('Something else.'), 'answer')
  const second = { ...first, turn: 2 }
  await putMessage(db.store, second, said('It is down.\0'))
  await putMessage(db.store, { ...first, turn: 3 }, said('later'))
  expect(await readExchanges(db.store, second)).toEqual([
    {
      turn: 1,
      message: said('What is wrong?'),
      read: said('What is wrong, with facts?'),
      answer: answer('Show me the unit.'),
    },
    { turn: 2, message: said('It is down.\uFFFD'), read: null, answer: null },
  ])
})

test('of two judgements of one answer the first counts', async () => {
  const { id: incident } = await seedIncident(db.store, { openedAt: new Date() })
  const turn = { incident, number: await begin(incident, 1), turn: 1 }
  expect(await readTurn(db.store, turn)).toBeNull()
  const told: Turn = {
    investigation: turn.number,
    turn: 1,
    model: 'scripted',
    says: 'Who listens?',
    asks: ['listeners nginx.service on web-01'],
    dropped: [],
    warns: [],
    judged: 'look',
    diagnosis: null,
    cost: { input: 1, cached: 0, output: 1, dollars: 0, milliseconds: 1 },
  }
  const request = { probe: 'listeners', params: { unit: 'nginx.service' } }
  const asks: readonly Ask[] = [{ call: 'one', kind: 'probe', host: 'web-01', request }]
  const first = { judged: { judged: { kind: 'look' }, turn: told }, asks } as const
  expect(await putTurn(db.store, turn, first)).toEqual(first)
  const other = { judged: { judged: { kind: 'person', says: 'Nobody knows.' }, turn: told }, asks: [] } as const
  expect(await putTurn(db.store, turn, other)).toEqual(first)
})
