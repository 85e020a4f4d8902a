// Tries to get out: to a second server that nothing may reach, by every trick that an address allows.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { guardedFetch, type RefusedAttempt } from '../../runtime/egress.ts'

const secret = 'what-a-host-said'
const reached: string[] = []
let headers: IncomingHttpHeaders = {}
let outside: Server
let inside: Server
let insidePort = 0
let outsidePort = 0

const compressed = gzipSync(Buffer.alloc(4_000_000))

beforeAll(async () => {
  outside = createServer((request, response) => {
    reached.push(request.url ?? '')
    response.end('outside')
  })
  inside = createServer((request, response) => answer(request, response))
  outsidePort = await listening(outside)
  insidePort = await listening(inside)
})
afterAll(async () => {
  await Promise.all([ended(outside), ended(inside)])
})
beforeEach(() => {
  reached.length = 0
})

const answer: RequestListener = (request, response) => {
  headers = request.headers
  if (request.url === '/away') return response.writeHead(307, { location: `${at('outside')}/${secret}` }).end()
  if (request.url === '/round') return response.writeHead(302, { location: '/' }).end()
  if (request.url === '/large') return response.end(Buffer.alloc(2_000_000))
  if (request.url === '/packed') return response.writeHead(200, { 'content-encoding': 'gzip' }).end(compressed)
  return response.writeHead(200).end('inside')
}

const at = (which: 'inside' | 'outside') => `http://127.0.0.1:${which === 'inside' ? insidePort : outsidePort}`

function guard() {
  const refused: RefusedAttempt[] = []
  let pieces = 0
  const fetch = guardedFetch({
    allowed: [`${at('inside')}/v1`],
    largestAnswer: 1_000_000,
    heard: () => {
      pieces += 1
    },
    refused: (attempt) => refused.push(attempt),
  })
  return { fetch, refused, pieces: () => pieces }
}

test('the allowed origin is reached, in whichever way its address is written', async () => {
  const { fetch, refused, pieces } = guard()
  const ways = [at('inside'), at('inside').toUpperCase(), `http://2130706433:${insidePort}/x`, `${at('inside')}/v1/a?b`]
  for (const way of ways) expect(await (await fetch(way, { method: 'POST', body: 'hello' })).text()).toBe('inside')
  expect(await (await fetch(new URL(at('inside')))).text()).toBe('inside')
  expect(pieces()).toBeGreaterThanOrEqual(ways.length + 1)
  expect(refused).toEqual([])
})

test('no other origin is reached, and the attempt is told without path and body', async () => {
  const { fetch, refused } = guard()
  const port = outsidePort
  const own = `127.0.0.1:${insidePort}`
  const tricks = [
    `http://127.0.0.1:${port}/${secret}`,
    `http://${own}@127.0.0.1:${port}/${secret}`,
    `http://${own}%2f@127.0.0.1:${port}/${secret}`,
    `http:\\\\127.0.0.1:${port}\\@${own}/${secret}`,
    `http://LOCALHOST:${port}/${secret}`,
    `http://127.0.0.1.:${port}/${secret}`,
    `http://[::1]:${port}/${secret}`,
    `http://[::ffff:127.0.0.1]:${insidePort}/${secret}`,
    `http://localhost:${insidePort}/${secret}`,
    `http://0.0.0.0:${insidePort}/${secret}`,
    `http://127.0.0.2:${insidePort}/${secret}`,
    `https://${own}/${secret}`,
    `ftp://${own}/${secret}`,
    `ws://${own}/${secret}`,
    `blob:http://${own}/${secret}`,
    `data:text/plain,${secret}`,
    'file:///etc/passwd',
    `//127.0.0.1:${port}/${secret}`,
    `/${secret}`,
    '',
  ]
  for (const trick of tricks) {
    await expect(fetch(trick, { method: 'POST', body: secret }), trick).rejects.toMatchObject({
      code: 'upstream.rejected',
    })
  }
  expect(reached).toEqual([])
  expect(refused).toHaveLength(tricks.length)
  expect(JSON.stringify(refused)).not.toContain(secret)
  expect(refused[0]).toEqual({ origin: at('outside'), why: 'not-allowed' })
})

test('a name and a password in the allowed address are refused: they would be sent', async () => {
  const { fetch, refused } = guard()
  await expect(fetch(`http://me:${secret}@127.0.0.1:${insidePort}/`)).rejects.toMatchObject({
    code: 'upstream.rejected',
  })
  expect(refused).toEqual([{ origin: at('inside'), why: 'not-allowed' }])
})

test('a request object brings its own address, and is not looked at', async () => {
  const { fetch } = guard()
  await expect(fetch(new Request(at('outside')))).rejects.toMatchObject({ code: 'upstream.rejected' })
  await expect(fetch(new Request(at('inside')))).rejects.toMatchObject({ code: 'upstream.rejected' })
  expect(reached).toEqual([])
})

test('no redirect is followed, wherever it leads and whatever the caller wants', async () => {
  const { fetch, refused } = guard()
  for (const path of ['/away', '/round']) {
    const attempt = fetch(`${at('inside')}${path}`, { redirect: 'follow', method: 'POST', body: secret })
    await expect(attempt).rejects.toMatchObject({ code: 'upstream.rejected', message: /no redirect/ })
  }
  expect(reached).toEqual([])
  expect(refused).toEqual([
    { origin: at('outside'), why: 'redirect' },
    { origin: at('inside'), why: 'redirect' },
  ])
})

test('proxies of the environment and dispatchers of others change nothing', async () => {
  const globals = ['undici.globalDispatcher.1', 'undici.globalDispatcher.2'].map((name) => Symbol.for(name))
  const before = globals.map((name): unknown => Reflect.get(globalThis, name))
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'] as const
  const kept = names.map((name) => [name, process.env[name]] as const)
  for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : at('outside')
  const dispatch = () => {
    throw new Error('somebody else was asked')
  }
  for (const name of globals) Reflect.set(globalThis, name, { dispatch })
  try {
    expect(await (await guard().fetch(at('inside'))).text()).toBe('inside')
    expect(reached).toEqual([])
  } finally {
    for (const [at, name] of globals.entries()) Reflect.set(globalThis, name, before[at])
    for (const [name, value] of kept) {
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
    }
  }
})

test('a certificate that nobody vouches for is not taken, whatever the environment says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-egress-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [cert, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')]
  const subject = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...subject, '-out', cert, '-keyout', key], { stdio: 'ignore' })
  const server = createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    reached.push(request.url ?? '')
    response.end('inside')
  })
  const url = `https://127.0.0.1:${await listening(server)}`
  onTestFinished(() => ended(server))
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  try {
    const fetch = guardedFetch({ allowed: [url], largestAnswer: 1_000, heard: () => {}, refused: () => {} })
    await expect(fetch(url)).rejects.toThrow(TypeError)
  } finally {
    Reflect.deleteProperty(process.env, 'NODE_TLS_REJECT_UNAUTHORIZED')
  }
  expect(reached).toEqual([])
})

test('only headers that the question needs are sent', async () => {
  const own = { authorization: 'Bearer a', 'content-type': 'application/json' }
  await (await guard().fetch(at('inside'), { headers: { ...own, 'x-stainless-os': 'Linux', cookie: 'a=b' } })).text()
  expect(headers).toMatchObject(own)
  expect(headers).not.toHaveProperty('x-stainless-os')
  expect(headers).not.toHaveProperty('cookie')
})

test.each(['/large', '/packed'])('an answer that is too long is not read to its end: %s', async (path) => {
  const response = await guard().fetch(`${at('inside')}${path}`)
  await expect(response.text()).rejects.toMatchObject({ code: 'upstream.rejected', message: /longer than 1000000/ })
})

test('nothing but text is sent', async () => {
  await expect(guard().fetch(at('inside'), { method: 'POST', body: new FormData() })).rejects.toThrow('Only text')
})

test('who gives up is heard', async () => {
  const given = new AbortController()
  given.abort(new Error('given up'))
  await expect(guard().fetch(at('inside'), { signal: given.signal })).rejects.toThrow('given up')
})

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function ended(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
