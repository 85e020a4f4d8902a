// How a log store is asked. No real Loki runs here: a small server stands at the wire and answers as Loki's HTTP API is
// documented; every folder of the kind is asked the same.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadLogs } from '../../integrations/load-logs.ts'
import { ownRoot } from '../../integrations/load.ts'
import { Config } from '../../runtime/config.ts'
import { foldersIn } from '../support/folders.ts'

let server: Server
let url = ''
let asked: IncomingMessage | null = null
let answer: unknown

beforeAll(async () => {
  server = createServer((request, response) => {
    asked = request
    response.writeHead(answer === undefined ? 500 : 200).end(JSON.stringify(answer ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const streams = (values: readonly (readonly [string, string])[]) => ({
  status: 'success',
  data: { resultType: 'streams', result: [{ stream: { unit: 'x' }, values }], stats: {} },
})

describe.each(foldersIn(join(ownRoot, 'logs')))('the log store %s', (use) => {
  const question = {
    query: '{unit="nginx.service"}',
    from: '2026-11-21T10:00:00.000Z',
    to: '2026-11-21T11:00:00.000Z',
    limit: 2,
  }
  const ask = async (more: object = {}) => {
    const config = Config.parse({ logs: { one: { use, url, ...more } } })
    const logs = await loadLogs(config, (reference) => `secret of ${reference}`)
    return logs?.(question, AbortSignal.timeout(5_000))
  }
  const parameters = () => new URL(asked?.url ?? '', url).searchParams

  test('answers the newest lines, the oldest of them first', async () => {
    answer = streams([
      ['1795256082000000000', 'third'],
      ['1795256081000000000', 'second'],
      ['1795256080000000000', 'first'],
    ])
    expect(await ask()).toEqual([
      { at: '2026-11-21T10:14:41.000Z', text: 'second' },
      { at: '2026-11-21T10:14:42.000Z', text: 'third' },
    ])
    expect(Object.fromEntries(parameters())).toEqual({
      query: question.query,
      start: '1795255200000000000',
      end: '1795258800000000000',
      limit: '2',
      direction: 'backward',
    })
  })

  test('proves who asks, and whose logs are meant', async () => {
    answer = streams([])
    await ask({ bearer: 'file:/token', tenant: 'shop' })
    expect(asked?.headers).toMatchObject({ authorization: 'Bearer secret of file:/token', 'x-scope-orgid': 'shop' })
    await ask({ basic: { username: 'u', password: 'file:/p' } })
    expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('u:secret of file:/p').toString('base64')}`)
  })

  test.each([
    ['an error', undefined],
    ['another shape', { status: 'success', data: { resultType: 'matrix', result: [] } }],
  ])('throws for %s', async (_, given) => {
    answer = given
    await expect(ask()).rejects.toThrow()
  })

  test('refuses an unknown key in its block at the start, by name', async () => {
    await expect(ask({ surprise: 1 })).rejects.toMatchObject({ code: 'config.invalid', message: /surprise/ })
  })
})

test('without a log store nobody is asked', async () => {
  expect(await loadLogs(Config.parse({}), () => '')).toBeNull()
})
