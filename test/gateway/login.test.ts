import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from 'kysely'
import { formNonce } from '../../gateway/auth.ts'
import type { Person } from '../../domain/person.ts'
import { invite, localAdmin } from '../../store/people.ts'
import { findSession } from '../../store/session.ts'
import { testGateway } from '../support/gateway.ts'
import { logInAs } from '../support/people.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
let app: Awaited<ReturnType<typeof testGateway>>
beforeAll(async () => {
  db = await testStore()
  app = await testGateway(db.store)
})
afterAll(() => db.end())

const origin = 'http://127.0.0.1:8321'
const at = (path: string, init: RequestInit = {}) => app.request(`${origin}${path}`, init)
const form = (
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', origin, ...headers },
  body: new URLSearchParams(fields).toString(),
})
const json = (body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})
const cliOf = async (person: Person) => ({
  authorization: `Bearer ${await logInAs(db.store, person)}`,
})
const cookieOf = async (person: Person) => {
  const token = await logInAs(db.store, person, 'cookie')
  const session = await findSession(db.store, token, new Date())
  if (session === null) throw new Error('no session')
  return { cookie: `millwright=${token}`, nonce: formNonce(session) }
}
const stopped = async () =>
  (await db.store.selectFrom('kill_switch').select('stopped').executeTakeFirstOrThrow()).stopped

describe('one-time codes', () => {
  test('a code logs in once, with a cookie that no script can read and no other site sends', async () => {
    const { code } = await invite(db.store, localAdmin, null, new Date())
    expect(code).toMatch(/^[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}$/)
    const first = await at('/api/v1/login', form({ code: ` ${code.toLowerCase()} ` }))
    expect(first.status).toBe(303)
    const cookie = first.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    const session = cookie.split(';')[0] ?? ''
    expect((await at('/api/v1/incidents', { headers: { cookie: session } })).status).toBe(200)
    expect((await at('/api/v1/login', form({ code }))).status).toBe(401)
  })

  test('after ten minutes it is worth nothing', async () => {
    const { code } = await invite(db.store, localAdmin, null, new Date(Date.now() - 10 * 60_000))
    expect((await at('/api/v1/login', json({ code, kind: 'cli' }))).status).toBe(401)
  })

  test('neither codes nor tokens stand in the database', async () => {
    const { code } = await invite(db.store, localAdmin, null, new Date())
    const token = await logInAs(db.store, localAdmin)
    const dump = await sql<{ row: string }>`select row_to_json(t)::text as row from login_code t
      union all select row_to_json(t)::text from session t union all select row_to_json(t)::text from audit_event t`.execute(
      db.store,
    )
    const text = dump.rows.map(({ row }) => row).join('\n')
    expect(text).not.toContain(code)
    expect(text).not.toContain(code.replaceAll('-', ''))
    expect(text).not.toContain(token)
  })
})

describe('without a session', () => {
  test.each([
    '/api/v1/status',
    '/api/v1/incidents',
    '/api/v1/hosts',
    '/api/v1/deliveries',
    '/api/v1/incidents/1/hand-over',
  ])('%s: 401', async (path) => {
    const response = await at(path)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'auth.missing' })
  })

  test('a page leads to the login', async () => {
    const response = await at('/')
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/login')
  })

  test('a page that was asked for comes after the login', async () => {
    const asked = await at('/incidents/5/approve?said=x')
    const login = asked.headers.get('location') ?? ''
    expect(login).toBe('/login?to=%2Fincidents%2F5%2Fapprove%3Fsaid%3Dx')
    expect(await (await at(login)).text()).toContain('name="to" value="/incidents/5/approve?said=x"')
    const { code } = await invite(db.store, localAdmin, null, new Date())
    const opened = await at('/api/v1/login', form({ code, to: '/incidents/5/approve?said=x' }))
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/incidents/5/approve?said=x'])
  })

  test('a wrong code shows the form again, on the way to the page that was asked for', async () => {
    const wrong = await at(
      '/api/v1/login',
      form({ code: 'AAAA-AAAA-AAAA', to: '/incidents/5' }, { accept: 'text/html' }),
    )
    const page = await wrong.text()
    expect(wrong.status).toBe(401)
    expect(wrong.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page).toContain('This code is wrong, used or older than ten minutes.')
    expect(page).toContain('action="/api/v1/login"')
    expect(page).toContain('name="to" value="/incidents/5"')
    const elsewhere = form({ code: 'AAAA-AAAA-AAAA', to: '//evil.example' }, { accept: 'text/html' })
    expect(await (await at('/api/v1/login', elsewhere)).text()).toContain('name="to" value="/"')
  })

  test('whoever is logged in already goes on at once', async () => {
    const { cookie } = await cookieOf(localAdmin)
    const response = await at('/login?to=/hosts', { headers: { cookie } })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/hosts'])
  })

  test.each([
    'https://evil.example/x',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\n/evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/%2e//evil.example',
    ' //evil.example',
    'javascript:alert(1)',
    '/login',
    '/api/v1/incidents',
    `/${'a'.repeat(600)}`,
    '',
  ])('the login does not lead to %j', async (to) => {
    const { code } = await invite(db.store, localAdmin, null, new Date())
    const opened = await at('/api/v1/login', form({ code, to }))
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/'])
    expect(await (await at(`/login?to=${encodeURIComponent(to)}`)).text()).toContain('name="to" value="/"')
  })

  test('an encoded slash stays part of a path of ours', async () => {
    const { code } = await invite(db.store, localAdmin, null, new Date())
    const opened = await at('/api/v1/login', form({ code, to: '/%2f%2fevil.example' }))
    expect(opened.headers.get('location')).toBe('/%2f%2fevil.example')
  })

  test('a form that was sent too late leads back to its page', async () => {
    const referer = `${origin}/incidents/5/approve`
    const sent = form({}, { accept: 'text/html', referer, host: '127.0.0.1:8321' })
    const late = await at('/api/v1/plans/x/decisions', sent)
    expect(late.status).toBe(401)
    expect(await late.text()).toContain('href="/login?to=%2Fincidents%2F5%2Fapprove"')
  })

  test.each([
    '/api/v1/stop',
    '/api/v1/resume',
    '/api/v1/incidents/1/close',
    '/api/v1/plans/x/decisions',
    '/api/v1/people',
  ])('POST %s: 401', async (path) => {
    expect((await at(path, json({}))).status).toBe(401)
    expect(await stopped()).toBe(false)
  })

  test('a token in the place of a cookie, or a cookie in that of a token, is nobody', async () => {
    const { cookie } = await cookieOf(localAdmin)
    const cli = await cliOf(localAdmin)
    expect(
      (await at('/api/v1/status', { headers: { authorization: cookie.replace('millwright=', 'Bearer ') } })).status,
    ).toBe(401)
    expect(
      (await at('/api/v1/status', { headers: { cookie: cli.authorization.replace('Bearer ', 'millwright=') } })).status,
    ).toBe(401)
  })
})

describe('forms', () => {
  test('a form of ours stops and resumes', async () => {
    const { cookie, nonce } = await cookieOf(localAdmin)
    expect((await at('/api/v1/stop', form({ nonce, says: 'drill' }, { cookie }))).status).toBe(303)
    expect(await stopped()).toBe(true)
    expect((await at('/api/v1/resume', form({ nonce }, { cookie }))).status).toBe(303)
    expect(await stopped()).toBe(false)
    const audit = await db.store
      .selectFrom('audit_event')
      .select(['act', 'actor'])
      .where('subject', '=', 'kill-switch')
      .execute()
    expect(audit).toEqual([
      { act: 'switch.stopped', actor: 'person:admin' },
      { act: 'switch.resumed', actor: 'person:admin' },
    ])
  })

  test.each([
    ['of another site', { origin: 'https://evil.example' }, true],
    ['without an origin', { origin: '' }, true],
    ['without its nonce', {}, false],
    ['sent to another name of this machine', { host: 'rebound.example' }, true],
  ])('a form %s changes nothing: 403', async (_, headers, withNonce) => {
    const { cookie, nonce } = await cookieOf(localAdmin)
    const fields: Record<string, string> = withNonce ? { nonce } : {}
    const response = await at('/api/v1/stop', form(fields, { cookie, ...headers }))
    expect(response.status).toBe(403)
    expect(await stopped()).toBe(false)
  })

  test('the nonce of another login is none', async () => {
    const { cookie } = await cookieOf(localAdmin)
    const other = await cookieOf(localAdmin)
    expect((await at('/api/v1/stop', form({ nonce: other.nonce }, { cookie }))).status).toBe(403)
  })

  test('every form on a page carries the nonce of its session', async () => {
    const { cookie, nonce } = await cookieOf(localAdmin)
    const page = await (await at('/', { headers: { cookie } })).text()
    const forms = page.match(/<form method="post"[^>]*>/g) ?? []
    expect(forms.length).toBeGreaterThan(0)
    expect(page.split(`name="nonce" value="${nonce}"`).length - 1).toBe(forms.length)
  })

  test('a GET changes nothing', async () => {
    const { cookie } = await cookieOf(localAdmin)
    for (const path of ['/api/v1/stop', '/api/v1/resume', '/api/v1/logout']) {
      expect((await at(path, { headers: { cookie } })).status).toBe(404)
    }
    expect(await stopped()).toBe(false)
  })

  test('after logging out the cookie is worth nothing', async () => {
    const { cookie, nonce } = await cookieOf(localAdmin)
    expect((await at('/api/v1/logout', form({ nonce }, { cookie }))).status).toBe(303)
    expect((await at('/api/v1/status', { headers: { cookie } })).status).toBe(401)
  })
})

describe('roles', () => {
  test('a viewer reads and stops nothing; that it was tried is written down', async () => {
    const viewer = await cliOf({ name: 'a-viewer', role: 'viewer', team: 'default' })
    expect((await at('/api/v1/status', { headers: viewer })).status).toBe(200)
    const response = await at('/api/v1/stop', json({ says: 'x' }, viewer))
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({
      code: 'policy.forbidden',
      message: expect.stringContaining('viewer'),
    })
    expect(await stopped()).toBe(false)
    const tried = await db.store
      .selectFrom('audit_event')
      .select('act')
      .where('actor', '=', 'person:a-viewer')
      .where('act', 'like', '%refused')
      .execute()
    expect(tried).toEqual([{ act: 'stop.refused' }])
  })

  test('an approver may stop', async () => {
    const approver = await cliOf({ name: 'an-approver', role: 'approver', team: 'default' })
    expect((await at('/api/v1/stop', json({ says: 'x' }, approver))).status).toBe(200)
    expect((await at('/api/v1/resume', json({}, approver))).status).toBe(200)
  })

  test.each([{}, { says: 1 }, { says: 'x', more: 1 }, { says: 'x'.repeat(501) }])(
    'unknown or wrong fields are refused: %j',
    async (body) => {
      const admin = await cliOf(localAdmin)
      expect((await at('/api/v1/incidents/1/close', json(body, admin))).status).toBe(400)
    },
  )
})
