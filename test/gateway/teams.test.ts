// What belongs to another team is not there: not on a page, not in the API, not among live events.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Config } from '../../runtime/config.ts'
import { HostEntry } from '../../integrations/inventory-host.ts'
import type { Person } from '../../domain/person.ts'
import { testGateway } from '../support/gateway.ts'
import { logInAs } from '../support/people.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { handedOver } from '../support/scenarios.ts'
import type { Seeded } from '../support/seed.ts'

const secret = 'only-of-data'
const origin = 'http://127.0.0.1:8321'
const web: Person = { name: 'wanda', role: 'approver', team: 'web' }
const admin: Person = { name: 'olga', role: 'admin', team: 'web' }

let db: TestStore
let app: Awaited<ReturnType<typeof testGateway>>
let theirs: Seeded
let evidence = ''
beforeAll(async () => {
  db = await testStore()
  const source = { use: 'alertmanager', bearer: 'file:/secrets/token', targets: [{ host: 'instance' }] }
  const config = Config.parse({ sources: { [secret]: { ...source, team: 'data' }, ours: { ...source, team: 'web' } } })
  const host = (id: string, team: string) => HostEntry.parse({ id, team, address: '10.0.0.1', environment: 'lab' })
  const inventory = { digest: 'of the test', hosts: [host('web-01', 'web'), host(secret, 'data')] }
  app = await testGateway(db.store, { config, inventory: () => inventory })
  theirs = await handedOver(db.store, new Date(Date.now() - 60_000))
  await db.store.updateTable('incident').set({ team: 'data', title: secret, source: secret }).execute()
  await db.store.updateTable('delivery').set({ team: 'data', source: secret, says: secret }).execute()
  evidence = (await db.store.selectFrom('evidence').select('id').executeTakeFirstOrThrow()).id
})
afterAll(() => db.end())

const paths = () => [
  `/api/v1/incidents/${theirs.number}`,
  `/api/v1/incidents/INC-${theirs.number}`,
  `/api/v1/incidents/${theirs.id}`,
  `/api/v1/incidents/${theirs.number}/approval`,
  `/api/v1/incidents/${theirs.number}/hand-over`,
  `/incidents/${theirs.number}`,
  `/incidents/${theirs.number}/approve`,
  `/incidents/${theirs.number}/hand-over`,
  `/incidents/${theirs.number}/evidence/${evidence}`,
]
const lists = [
  '/api/v1/incidents',
  '/api/v1/incidents?state=handed-over',
  '/api/v1/hosts',
  '/api/v1/sources',
  '/api/v1/deliveries',
  `/api/v1/deliveries?source=${secret}`,
  '/api/v1/status',
  '/',
  '/hosts',
  '/sources',
]

/** Asks as this person, with a cookie where a browser would. */
async function asked(person: Person, path: string, init: RequestInit = {}) {
  const isApi = path.startsWith('/api/')
  const token = await logInAs(db.store, person, isApi ? 'cli' : 'cookie')
  const headers = {
    ...(isApi ? { authorization: `Bearer ${token}` } : { cookie: `millwright=${token}`, accept: 'text/html' }),
    ...(init.method === 'POST' ? { 'content-type': 'application/json' } : {}),
  }
  const response = await app.request(`${origin}${path}`, { ...init, headers })
  return { status: response.status, text: await response.text() }
}

describe('somebody of another team', () => {
  test('finds nothing of it by its number, its id or its address', async () => {
    for (const path of paths()) {
      const { status, text } = await asked(web, path)
      expect([path, status]).toEqual([path, 404])
      expect(text).not.toContain(secret)
    }
  })

  test('finds nothing of it in a list', async () => {
    for (const path of lists) {
      const { status, text } = await asked(web, path)
      expect([path, status]).toEqual([path, 200])
      expect([path, text.includes(secret)]).toEqual([path, false])
    }
  })

  test('is told of no number of it', async () => {
    const status: unknown = JSON.parse((await asked(web, '/api/v1/status')).text)
    expect(status).toMatchObject({ hosts: 1, sources: 1, incidents: { needsYou: 0, inProgress: 0 } })
    const list: unknown = JSON.parse((await asked(web, '/api/v1/incidents')).text)
    expect(list).toMatchObject({ headline: 'Nothing needs you', counters: { alertsToday: 0, incidentsToday: 0 } })
  })

  test('neither ends it nor touches its host', async () => {
    const post = { method: 'POST', body: JSON.stringify({ says: 'mine now' }) }
    for (const path of [`incidents/${theirs.number}/close`, `hosts/${secret}/quarantine`, `hosts/${secret}/release`])
      expect((await asked(web, `/api/v1/${path}`, post)).status).toBe(404)
  })
})

test('an admin finds every team’s', async () => {
  for (const path of [...paths(), ...lists]) {
    const { status, text } = await asked(admin, path)
    expect([path, status]).toEqual([path, 200])
    if (path !== '/api/v1/status') expect([path, text.length > 0]).toEqual([path, true])
  }
  expect((await asked(admin, '/api/v1/hosts')).text).toContain(secret)
})

describe('a stop', () => {
  const post = { method: 'POST', body: '{}' }
  const data: Person = { name: 'dan', role: 'approver', team: 'data' }
  const stopped = async () =>
    await db.store.selectFrom('kill_switch').select(['stopped', 'by', 'team']).executeTakeFirstOrThrow()

  test('of another team is resumed by nobody of this one, not even after stopping it once more', async () => {
    expect((await asked(data, '/api/v1/stop', post)).status).toBe(200)
    expect((await asked(web, '/api/v1/stop', post)).status).toBe(200)
    const { status, text } = await asked(web, '/api/v1/resume', post)
    expect(status).toBe(403)
    expect(text).toContain('Another team stopped this')
    expect(await stopped()).toEqual({ stopped: true, by: 'dan', team: 'data' })
  })

  test('says on the page who resumes it, and offers it to nobody else', async () => {
    const theirPage = await asked(web, '/')
    expect(theirPage.text).toContain('dan, an approver of team data or an admin resumes.')
    expect(theirPage.text).not.toContain('Resume all changes')
    expect((await asked({ ...data, name: 'dora' }, '/')).text).toContain('Resume all changes')
  })

  test('is resumed by its own team', async () => {
    expect((await asked({ ...data, name: 'dora' }, '/api/v1/resume', post)).status).toBe(200)
    expect(await stopped()).toMatchObject({ stopped: false })
  })

  test('is resumed by an admin', async () => {
    await asked(data, '/api/v1/stop', post)
    expect((await asked(admin, '/api/v1/resume', post)).status).toBe(200)
  })
})
