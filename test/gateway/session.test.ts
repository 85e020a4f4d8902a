// How long a login lasts, and who is held up when somebody tries codes.
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loginLimit } from '../../gateway/login-limit.ts'
import { Config } from '../../runtime/config.ts'
import { invite, localAdmin } from '../../store/people.ts'
import { endSessions, findSession } from '../../store/session.ts'
import { labConfig, testGateway } from '../support/gateway.ts'
import { logInAs } from '../support/people.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const hours = (count: number): Date => new Date(Date.now() + count * 3_600_000)
const ann = { name: 'ann', role: 'approver', team: 'default' } as const

describe('the token of the commands', () => {
  test('ends twelve hours after it was used last', async () => {
    const token = await logInAs(db.store, ann)
    expect(await findSession(db.store, token, hours(11))).toMatchObject({ person: ann })
    expect(await findSession(db.store, token, hours(22))).toMatchObject({ person: ann })
    expect(await findSession(db.store, token, hours(35))).toBeNull()
  })

  test('ends after seven days, however much it is used', async () => {
    const token = await logInAs(db.store, ann)
    for (let at = 11; at < 168; at += 11) expect(await findSession(db.store, token, hours(at))).not.toBeNull()
    expect(await findSession(db.store, token, hours(169))).toBeNull()
  })

  test('of a browser ends after twelve hours, as its cookie does', async () => {
    const token = await logInAs(db.store, ann, 'cookie')
    expect(await findSession(db.store, token, hours(11))).not.toBeNull()
    expect(await findSession(db.store, token, hours(13))).toBeNull()
  })

  test('of whoever runs Millwright lasts until the next start', async () => {
    const token = await logInAs(db.store, localAdmin, 'local')
    expect(await findSession(db.store, token, hours(24 * 20))).not.toBeNull()
    await endSessions(db.store, localAdmin.name, 'local')
    expect(await findSession(db.store, token, new Date())).toBeNull()
  })
})

describe('codes that are tried', () => {
  const wrong = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"code":"A","kind":"cli"}' }

  /** A gateway on a real port behind a proxy of this machine, as the header that the proxy wrote says. */
  async function behindProxy<Result>(use: (statusFor: (forwarded: string) => Promise<number>) => Promise<Result>) {
    const proxied = { listen: { address: '127.0.0.1', port: 8321, trustedProxies: ['127.0.0.1'] } }
    const app = await testGateway(db.store, { config: Config.parse({ ...labConfig, ...proxied }) })
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
    try {
      const { port } = await new Promise<AddressInfo>((resolve) =>
        server.once('listening', () => {
          const found = server.address()
          if (typeof found === 'object' && found !== null) resolve(found)
        }),
      )
      return await use(async (forwarded) => {
        const headers = { ...wrong.headers, 'x-forwarded-for': forwarded }
        return (await fetch(`http://127.0.0.1:${port}/api/v1/login`, { ...wrong, headers })).status
      })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  }

  test('from one address hold up nobody else, whatever the header before it pretends', async () => {
    await behindProxy(async (statusFor) => {
      const tries = Array.from({ length: 12 }, (_, at) => statusFor(`203.0.113.${at}, 198.51.100.7`))
      const statuses = await Promise.all(tries)
      expect(statuses.filter((status) => status === 401)).toHaveLength(10)
      expect(statuses.filter((status) => status === 429)).toHaveLength(2)
      expect(await statusFor('198.51.100.8')).toBe(401)
    })
  })

  test('from one household of IPv6 addresses count together', async () => {
    await behindProxy(async (statusFor) => {
      const statuses = await Promise.all(Array.from({ length: 12 }, (_, at) => statusFor(`2001:db8:1:2::${at}`)))
      expect(statuses.filter((status) => status === 429)).toHaveLength(2)
      expect(await statusFor('2001:db8:1:3::1')).toBe(401)
    })
  })

  test('count only when they are wrong', async () => {
    const app = await testGateway(db.store)
    for (let at = 0; at < 12; at += 1) {
      const { code } = await invite(db.store, localAdmin, null, new Date())
      const body = JSON.stringify({ code, kind: 'cli' })
      expect((await app.request('http://127.0.0.1:8321/api/v1/login', { ...wrong, body })).status).toBe(200)
    }
  })

  test('by the whole world together do not hold up this machine', async () => {
    const limit = loginLimit()
    const now = new Date()
    const fail = (address: string) =>
      limit.tried(address, now, () => Promise.reject(new Error('wrong'))).catch((error: Error) => error.message)
    for (let at = 0; at < 700; at += 1) await fail(`10.0.${at % 250}.${at}`)
    expect(await fail('192.0.2.1')).toMatch(/Too many/)
    expect(await limit.tried('local', now, () => Promise.resolve('in'))).toBe('in')
  })
})
