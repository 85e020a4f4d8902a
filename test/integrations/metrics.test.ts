// How a metric store that asks for credentials is asked: a server with a certificate of an authority that nobody knows.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { loadMetrics, ownRoot } from '../../integrations/load.ts'
import prometheus from '../../integrations/metrics/prometheus/index.ts'
import { Config } from '../../runtime/config.ts'
import { freePort } from '../../runtime/embedded-temporal.ts'
import { fixturesIn, foldersIn } from '../support/folders.ts'

/** A block of the config that names a store which does not answer. */
const Fixture = z.strictObject({ says: z.string(), config: z.record(z.string(), z.unknown()) })

describe.each(foldersIn(join(ownRoot, 'metrics')))('the metric store %s', (use) => {
  const [fixture] = fixturesIn(join(ownRoot, 'metrics', use)).map(({ content }) => Fixture.parse(content))
  const load = (more: object = {}) =>
    loadMetrics(Config.parse({ metrics: { one: { use, ...fixture?.config, ...more } } }), () => 'secret')

  test('tells nothing, and throws nothing, when nobody answers', async () => {
    const store = (await load()).get('one')
    const question = { alert: 'Down', labels: {}, since: new Date(0).toISOString() }
    expect(await store?.ruleState(question, AbortSignal.timeout(5_000))).toEqual({ state: 'unknown', windowSeconds: 0 })
  })

  test('refuses an unknown key in its block at the start, by name', async () => {
    await expect(load({ surprise: 1 })).rejects.toMatchObject({ code: 'config.invalid', message: /surprise/ })
  })
})

let folder = ''
let server: Server
let url = ''
let certificate = ''
let wanted = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-metrics-'))
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
  const subject = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...subject, ...names, '-out', files.certificate, '-keyout', files.key], {
    stdio: 'ignore',
  })
  certificate = readFileSync(files.certificate, 'utf8')
  const noRules = JSON.stringify({ status: 'success', data: { groups: [] } })
  server = createServer({ cert: certificate, key: readFileSync(files.key) }, (request, response) => {
    const allowed = request.headers.authorization === wanted
    response.writeHead(allowed ? 200 : 401).end(allowed ? noRules : '{}')
  })
  const port = await freePort()
  url = `https://127.0.0.1:${port}`
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true })
})

/** `none` only when the server took the credentials: it holds no rule. */
const ask = async (block: object) => {
  const config = prometheus.config.parse({ url, ca: 'file:/ca', ...block })
  const secret = (reference: string) => (reference === 'file:/ca' ? certificate : `secret of ${reference}`)
  const question = { alert: 'Down', labels: {}, since: new Date(0).toISOString() }
  const { state } = await prometheus.ruleState(question, config, { secret, signal: new AbortController().signal })
  return state
}

test('a bearer token is shown', async () => {
  wanted = 'Bearer secret of file:/token'
  expect(await ask({ bearer: 'file:/token' })).toBe('none')
})

test('a name and a password are shown', async () => {
  wanted = `Basic ${Buffer.from('millwright:secret of file:/password').toString('base64')}`
  expect(await ask({ basic: { username: 'millwright', password: 'file:/password' } })).toBe('none')
})

test('without them, or with an authority that is not trusted, nobody can tell', async () => {
  wanted = 'Bearer secret of file:/token'
  expect(await ask({})).toBe('unknown')
  expect(await ask({ bearer: 'file:/other' })).toBe('unknown')
  expect(await ask({ bearer: 'file:/token', ca: undefined })).toBe('unknown')
})

test.each([
  ['both kinds', { bearer: 'file:/token', basic: { username: 'a', password: 'file:/b' } }],
  ['an authority without TLS', { url: 'http://127.0.0.1:1' }],
  ['a secret that stands in the config', { bearer: 'token' }],
])('%s: not a valid block', (_, block) => {
  expect(prometheus.config.safeParse({ url, ca: 'file:/ca', ...block }).success).toBe(false)
})
