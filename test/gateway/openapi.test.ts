import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openApiDocument } from '../../gateway/openapi/document.ts'
import { createApp } from '../../gateway/app.ts'
import { ApiDocument, notAsDocumented } from '../support/api-document.ts'
import { gatewayDeps } from '../support/gateway.ts'
import { approver, browserOf } from '../support/pages.ts'
import { testStore, type TestStore } from '../support/postgres.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

test('the document is an OpenAPI document', async () => {
  const result = await new Validator().validate(JSON.parse(JSON.stringify(openApiDocument())))
  expect(result).toMatchObject({ valid: true })
})

test('every route that answers programs is in the document, and nothing else is', async () => {
  const { routes } = createApp(await gatewayDeps(db.store))
  const own = routes
    .filter(({ method, path }) => method !== 'ALL' && /^\/(api|hooks|healthz|metrics)\b/.test(path))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  const { paths } = ApiDocument.parse(openApiDocument())
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(documented.toSorted()).toEqual([...new Set(own)].toSorted())
  expect(documented.length).toBeGreaterThan(20)
})

test('it is served to whoever is logged in, and to nobody else', async () => {
  const browser = await browserOf(db.store, approver)
  const served = await browser.request('/api/v1/openapi.json')
  expect(await served.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
  const stranger = await browser.request('/api/v1/openapi.json', { headers: { cookie: '', accept: '*/*' } })
  expect(stranger.status).toBe(401)
})

test('an answer with a field more, a field less or another status is not as documented', async () => {
  const people = (body: unknown, status = 200): Promise<readonly string[]> =>
    notAsDocumented('GET', '/api/v1/people', Response.json(body, { status }))
  const robin = { ...approver, createdAt: '2026-11-21T09:00:00Z', letInBy: null, sessions: 0, lastSeenAt: null }
  expect(await people([robin])).toEqual([])
  expect(await people([{ ...robin, password: 'x' }])).toHaveLength(1)
  expect(await people([{ ...robin, createdAt: 'yesterday' }])).toHaveLength(1)
  expect(await people([{ name: 'robin' }])).not.toEqual([])
  expect(await people([robin], 201)).toHaveLength(1)
  expect(await people({ code: 'no.such-code', message: 'x', hint: null }, 403)).toHaveLength(1)
})

test('what no route answers is a problem like any other, whatever the method', async () => {
  const browser = await browserOf(db.store, approver)
  for (const [method, path] of [
    ['GET', '/api/v1/nothing'],
    ['POST', '/api/v1/nothing'],
    ['DELETE', '/api/v1/people'],
    ['PUT', '/nothing'],
  ] as const) {
    const origin = { origin: 'http://127.0.0.1:8321', accept: 'application/json' }
    const response = await browser.request(path, { method, headers: origin })
    expect([method, path, response.status, await response.json()]).toMatchObject([
      method,
      path,
      404,
      { code: 'input.not-found' },
    ])
  }
})
