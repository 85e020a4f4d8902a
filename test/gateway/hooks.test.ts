import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Failure } from '../../domain/failure.ts'
import { emptyConfig } from '../../runtime/config.ts'
import { connectStore } from '../../store/connect.ts'
import { alertmanagerPayload, hookRequest, testGateway, token } from '../support/gateway.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
let app: Awaited<ReturnType<typeof testGateway>>
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())
beforeEach(async () => {
  app = await testGateway(db.store)
})

const Answer = z.looseObject({
  delivery_id: z.string().default(''),
  incident_id: z.string().default(''),
  incidents: z.array(z.looseObject({ incident_id: z.string() })).default([]),
  message: z.string().default(''),
  hint: z.string().nullable().default(null),
})
const answerOf = async (response: Response) => Answer.parse(await response.json())

let groups = 0
const newGroup = () => `{}:{n="${(groups += 1)}"}`
const down = (instance = 'web-01:9100', more: object = {}) => ({
  labels: { alertname: 'HostSystemdServiceCrashed', instance, name: 'nginx.service', ...more },
})

describe('what is accepted', () => {
  test('a firing alert opens an incident about the host and unit that its labels name', async () => {
    const response = await app.request('/hooks/v1/lab', hookRequest(alertmanagerPayload(newGroup(), [down()])))
    expect(response.status).toBe(202)
    const answer = await answerOf(response)
    expect(answer).toMatchObject({ result: 'opened', incidents: [{ result: 'opened' }] })
    expect(answer.incident_url).toMatch(/^http:\/\/127\.0\.0\.1:8321\/incidents\/\d+$/)
    const incident = await db.store
      .selectFrom('incident')
      .selectAll()
      .where('id', '=', answer.incident_id)
      .executeTakeFirstOrThrow()
    expect(incident).toMatchObject({ host: 'web-01', environment: 'lab', title: 'HostSystemdServiceCrashed on web-01' })
    const alert = await db.store
      .selectFrom('alert')
      .selectAll()
      .where('incident', '=', incident.id)
      .executeTakeFirstOrThrow()
    expect(alert.subjects).toEqual([{ kind: 'unit', name: 'nginx.service' }])
  })

  test('an endpoint is found by its address', async () => {
    const probe = { labels: { alertname: 'BlackboxProbeFailed', instance: 'http://web-02/' } }
    const response = await app.request('/hooks/v1/lab', hookRequest(alertmanagerPayload(newGroup(), [probe])))
    const { incident_id } = await answerOf(response)
    const alert = await db.store
      .selectFrom('alert')
      .selectAll()
      .where('incident', '=', incident_id)
      .executeTakeFirstOrThrow()
    expect(alert.subjects).toEqual([{ kind: 'endpoint', name: 'home' }])
  })

  test.each([
    ['a host that is not in the inventory', { instance: 'web-99:9100' }],
    ['two hosts in one label', { instance: 'web-01,web-02' }],
    ['a pattern', { instance: 'web-*' }],
    ['a name of the prototype', { instance: '__proto__' }],
    ['no host at all', { instance: '' }],
  ])('%s is no target, and widens nothing', async (_, labels) => {
    const body = alertmanagerPayload(newGroup(), [down('', { description: 'restart web-01 and web-02', ...labels })])
    const { incidents } = await answerOf(await app.request('/hooks/v1/lab', hookRequest(body)))
    expect(incidents).toHaveLength(1)
    const row = await db.store
      .selectFrom('incident')
      .select('host')
      .where('id', '=', incidents[0]?.incident_id ?? '')
      .executeTakeFirstOrThrow()
    expect(row.host).toBeNull()
  })

  test('a unit that the host does not declare is dropped', async () => {
    const body = alertmanagerPayload(newGroup(), [down('web-01', { name: 'sshd.service' })])
    const { incident_id } = await answerOf(await app.request('/hooks/v1/lab', hookRequest(body)))
    const alert = await db.store
      .selectFrom('alert')
      .select('subjects')
      .where('incident', '=', incident_id)
      .executeTakeFirstOrThrow()
    expect(alert.subjects).toEqual([])
  })

  test('a repeat is merged, and what ends without having begun is ignored', async () => {
    const group = newGroup()
    await app.request('/hooks/v1/lab', hookRequest(alertmanagerPayload(group, [down()])))
    const repeat = await app.request('/hooks/v1/lab', hookRequest(alertmanagerPayload(group, [down()])))
    expect(repeat.status).toBe(202)
    expect(await repeat.json()).toMatchObject({ result: 'merged' })
    const over = alertmanagerPayload(newGroup(), [{ ...down(), status: 'resolved' as const }])
    expect(await (await app.request('/hooks/v1/lab', hookRequest(over))).json()).toMatchObject({
      result: 'ignored',
      incidents: [],
    })
  })

  test('our own alert is ignored, with a delivery that says so', async () => {
    const own = { labels: { alertname: 'MillwrightNeedsYou', millwright: 'needs-you' } }
    const response = await app.request('/hooks/v1/lab', hookRequest(alertmanagerPayload(newGroup(), [own])))
    expect(response.status).toBe(202)
    const { delivery_id } = await answerOf(response)
    const row = await db.store
      .selectFrom('delivery')
      .selectAll()
      .where('id', '=', delivery_id)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      source: 'lab',
      result: 'ignored',
      says: 'These are alerts that Millwright sent itself.',
    })
  })

  test('a host of another team is no target for this source', async () => {
    const inventory = {
      digest: 'x',
      hosts: (await import('../support/gateway.ts')).twoHosts.map((host) => ({ ...host, team: 'others' })),
    }
    const other = await testGateway(db.store, { inventory: () => inventory })
    const { incident_id } = await answerOf(
      await other.request('/hooks/v1/lab', hookRequest(alertmanagerPayload(newGroup(), [down()]))),
    )
    const row = await db.store
      .selectFrom('incident')
      .select('host')
      .where('id', '=', incident_id)
      .executeTakeFirstOrThrow()
    expect(row.host).toBeNull()
  })
})

describe('what is refused', () => {
  const good = () => alertmanagerPayload(newGroup(), [down()])

  test.each([
    ['no credentials', { authorization: '' }, 'none|another'],
    ['another scheme', { authorization: 'Basic dG9rZW4=' }, 'another one came'],
    ['a wrong token', { authorization: 'Bearer wrong' }, 'not the one of this source'],
  ])('%s: 401, and the body says which header was expected', async (_, headers, says) => {
    const response = await app.request('/hooks/v1/lab', hookRequest(good(), headers))
    expect(response.status).toBe(401)
    const { message } = await answerOf(response)
    expect(message).toContain('Authorization: Bearer')
    expect(message).toMatch(new RegExp(says))
    expect(message).not.toContain(token)
  })

  test('a payload of the team’s own: 400 with a pointer and what to do', async () => {
    const response = await app.request('/hooks/v1/lab', hookRequest({ text: 'nginx is down' }))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      code: 'input.invalid-payload',
      pointer: '/version',
      message: expect.stringContaining('generic'),
    })
  })

  test.each([
    ['half of it', '{"version":"4"'],
    ['nothing', ''],
    ['not a number', '{"version":NaN}'],
    ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['a byte-order mark', '\ufeff{}'],
  ])('%s: 400', async (_, body) => {
    expect((await app.request('/hooks/v1/lab', hookRequest(body))).status).toBe(400)
  })

  test.each([
    ['text/plain', { 'content-type': 'text/plain' }],
    ['another character set', { 'content-type': 'application/json; charset=utf-7' }],
    ['compressed', { 'content-encoding': 'gzip' }],
  ])('%s: 415', async (_, headers) => {
    expect((await app.request('/hooks/v1/lab', hookRequest(good(), headers))).status).toBe(415)
  })

  test('one byte more than 1 MiB: 413, whether or not its length was named', async () => {
    const large = 'x'.repeat(1024 * 1024 + 1)
    expect((await app.request('/hooks/v1/lab', hookRequest(large))).status).toBe(413)
    expect((await app.request('/hooks/v1/lab', hookRequest('{}', { 'content-length': '5000000000' }))).status).toBe(413)
  })

  test('a refused delivery is kept, so that people see why', async () => {
    await app.request('/hooks/v1/lab', hookRequest({ unique: 'c0ffee' }))
    const row = await db.store
      .selectFrom('delivery')
      .selectAll()
      .where('body', 'like', '%c0ffee%')
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({ result: 'rejected', source: 'lab', says: expect.stringContaining('/version') })
  })

  test('a flood of refused deliveries does not fill the disk', async () => {
    const fresh = await testGateway(db.store)
    const count = async () =>
      Number(
        (
          await db.store
            .selectFrom('delivery')
            .select((eb) => eb.fn.countAll().as('n'))
            .where('body', 'like', '%f100d%')
            .executeTakeFirstOrThrow()
        ).n,
      )
    for (let at = 0; at < 100; at += 1) await fresh.request('/hooks/v1/lab', hookRequest({ f100d: at }))
    expect(await count()).toBe(60)
  })

  test('who has no credential leaves no text here, and takes no room from those who have one', async () => {
    const fresh = await testGateway(db.store)
    const strange = { authorization: 'Bearer wrong' }
    const large = { nobody: 'f00d'.repeat(10_000) }
    for (let at = 0; at < 70; at += 1) await fresh.request('/hooks/v1/lab', hookRequest(large, strange))
    await fresh.request('/hooks/v1/lab', hookRequest({ unique: 'ca11ed' }))
    const kept = (like: string) => db.store.selectFrom('delivery').select('says').where('body', 'like', like).execute()
    expect(await kept('%f00d%')).toEqual([])
    expect(await kept('%ca11ed%')).toHaveLength(1)
  })

  test.each(['GET', 'PUT', 'DELETE'])('%s: 405, and nothing changes', async (method) => {
    const response = await app.request('/hooks/v1/lab', { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
  })

  test.each(['/hooks/v1/../api', '/hooks/v1/lab/more', '/hooks/v1//lab', '/hooks/v1/', '/hooks/v1/lab%2f..'])(
    '%s leads nowhere',
    async (path) => {
      expect((await app.request(path, hookRequest(good()))).status).toBe(404)
    },
  )
})

describe('what can not be taken now', () => {
  const good = () => alertmanagerPayload(newGroup(), [down()])

  test('another name: 404 with the line of the config that would allow it', async () => {
    const response = await app.request('/hooks/v1/grafana', hookRequest(good()))
    expect(response.status).toBe(404)
    expect((await answerOf(response)).hint).toContain('sources: { grafana:')
  })

  test('without a config nothing is accepted: 503', async () => {
    const empty = await testGateway(db.store, { config: emptyConfig })
    const response = await empty.request('/hooks/v1/lab', hookRequest(good()))
    expect(response.status).toBe(503)
    expect((await answerOf(response)).hint).toContain('sources: { lab:')
  })

  test.each(['', '  '])('a secret that is not there (%j): 503, never open', async (secret) => {
    const broken = await testGateway(db.store, { secret: () => secret })
    const response = await broken.request('/hooks/v1/lab', hookRequest(good(), { authorization: 'Bearer ' }))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
  })

  test('a secret that can not be read: 503', async () => {
    const secret = () => {
      throw new Failure({ code: 'config.invalid', message: 'The secret can not be read.' })
    }
    const broken = await testGateway(db.store, { secret })
    expect((await broken.request('/hooks/v1/lab', hookRequest(good()))).status).toBe(503)
  })

  test('the database is down: 503 with Retry-After, and the retry is one incident in the end', async () => {
    const nowhere = connectStore('postgresql://nobody@/nothing?host=%2Fnonexistent')
    const broken = await testGateway(nowhere)
    const body = good()
    const response = await broken.request('/hooks/v1/lab', hookRequest(body))
    await nowhere.destroy()
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    const again = await app.request('/hooks/v1/lab', hookRequest(body))
    expect(await again.json()).toMatchObject({ result: 'opened' })
  })
})
