// The contract of every model where it can't be asked: what may go better later, what never will, and what is given up.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { mayBePaid } from '../../activities/mind/paid.ts'
import { loadModels } from '../../integrations/load.ts'
import { Config } from '../../runtime/config.ts'
import type { RefusedAttempt } from '../../runtime/egress.ts'
import { askerAt, asking, question } from '../support/model-cases.ts'
import { startModelServer, type ModelServer } from '../support/model-server.ts'

let server: ModelServer
beforeAll(async () => {
  server = await startModelServer()
})
afterAll(() => server.end())
beforeEach(() => {
  server.asked.length = 0
  server.scripts.length = 0
})

const ask = askerAt(() => server.url)

describe.each(asking)('the model $name, when it can not be asked: $says', (one) => {
  test.each([
    [408, 'upstream.unavailable'],
    [409, 'upstream.unavailable'],
    [429, 'upstream.unavailable'],
    [500, 'upstream.unavailable'],
    [503, 'upstream.unavailable'],
    [529, 'upstream.unavailable'],
    [400, 'upstream.rejected'],
    [401, 'upstream.rejected'],
    [403, 'upstream.rejected'],
    [404, 'upstream.rejected'],
    [413, 'upstream.rejected'],
    [422, 'upstream.rejected'],
  ])('%i is %s', async (status, code) => {
    const key = Object.values(one.secrets).join('')
    server.scripts.push(refusing(status, {}, `no: ${key}`))
    const fault = await faultOf(ask(one))
    expect(fault).toMatchObject({ code, message: expect.stringContaining(String(status)) })
    if (key !== '') expect(fault.message).not.toContain(key)
    if (code === 'upstream.rejected') expect(fault).toMatchObject({ hint: expect.stringMatching(/config|key/) })
    expect(server.asked).toHaveLength(1)
  })

  test.each([429, 401, 500])('a refusal with %i is known not to be paid', async (status) => {
    server.scripts.push(refusing(status, {}))
    expect(mayBePaid(await errorOf(ask(one)))).toBe(false)
  })

  test.each([
    { kind: 'cut', answer: { text: 'It is' } },
    { kind: 'raw', status: 200, headers: { 'content-type': 'text/event-stream' }, body: 'garbage' },
  ] as const)('what broke off may be paid: $kind', async (script) => {
    server.scripts.push(script)
    expect(mayBePaid(await errorOf(ask(one)))).toBe(true)
  })

  test('a fault in the middle of an answer may be paid, whatever the answer said of asking again', async () => {
    server.scripts.push({ kind: 'fails', answer: { text: 'It is' }, headers: { 'retry-after': '0' } })
    const error = await errorOf(ask(one))
    expect(await faultOf(Promise.reject(error))).toEqual({
      code: 'upstream.unavailable',
      message: expect.stringMatching(/Overloaded/),
    })
    expect(mayBePaid(error)).toBe(true)
  })

  test.each([
    [429, { 'retry-after': '7' }, 7_000],
    [429, { 'retry-after': '7', 'retry-after-ms': '1500' }, 1_500],
    [503, { 'retry-after': '99999999' }, 900_000],
    [503, { 'retry-after': '-1; soon' }, undefined],
    [529, { 'retry-after': 'Fri, 01 Jan 1999 00:00:00 GMT' }, 0],
  ])('%i with %o: asked again after %s ms', async (status, headers, retryAfterMilliseconds) => {
    server.scripts.push(refusing(status, headers))
    expect((await faultOf(ask(one))).retryAfterMilliseconds).toBe(retryAfterMilliseconds)
  })

  test('the server has the last word on whether to ask again', async () => {
    server.scripts.push(refusing(429, { 'x-should-retry': 'false' }), refusing(400, { 'x-should-retry': 'true' }))
    expect(await faultOf(ask(one))).toMatchObject({ code: 'upstream.rejected' })
    expect(await faultOf(ask(one))).toMatchObject({ code: 'upstream.unavailable' })
  })

  test.each(['', 'not json', '<html>', 'data: {"choices": 7}\n\n', 'event: message_stop\ndata: garbage\n\n'])(
    'garbage instead of an answer is no answer: %j',
    async (text) => {
      const headers = { 'content-type': 'text/event-stream' }
      server.scripts.push({ kind: 'raw', status: 200, headers, body: text })
      expect(await faultOf(ask(one))).toMatchObject({ code: 'upstream.unavailable' })
    },
  )

  test('a connection that is cut in the middle of an answer is no answer', async () => {
    server.scripts.push({ kind: 'cut', answer: { text: 'It is' } })
    expect(await faultOf(ask(one))).toMatchObject({ code: 'upstream.unavailable' })
  })

  test('an answer that never ends is given up by whoever waits', async () => {
    server.scripts.push({ kind: 'hangs', answer: { text: 'It is' } })
    const waiting = new AbortController()
    const asked = ask(one, question, { signal: waiting.signal, heard: () => waiting.abort(new Error('no longer')) })
    await expect(asked).rejects.toThrow('no longer')
  })

  test('who gave up before does not ask', async () => {
    await expect(ask(one, question, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
    expect(server.asked).toEqual([])
  })

  test('an answer of 50 MB is not read to its end', async () => {
    server.scripts.push({ kind: 'floods' })
    expect(await faultOf(ask(one))).toMatchObject({ code: 'upstream.rejected', message: /longer than/ })
  })

  test('a redirect is not followed, and is told', async () => {
    const refused: RefusedAttempt[] = []
    server.scripts.push({ kind: 'raw', status: 307, headers: { location: 'http://192.0.2.1/take' }, body: '' })
    expect(await faultOf(ask(one, question, { refused }))).toMatchObject({ code: 'upstream.rejected' })
    expect(refused).toEqual([{ origin: 'http://192.0.2.1', why: 'redirect' }])
  })

  test('nobody there: later, perhaps', async () => {
    const block = { use: one.name, ...one.config, url: 'http://127.0.0.1:1' }
    const loaded = await loadModels(Config.parse({ models: { planner: block } }), () => 'key')
    const tools = { signal: new AbortController().signal, heard: () => {}, refused: () => {} }
    expect(await faultOf(loaded?.planner.ask(question, tools))).toMatchObject({ code: 'upstream.unavailable' })
  })

  test('the environment changes nothing', async () => {
    const strange = {
      ANTHROPIC_BASE_URL: 'http://192.0.2.1',
      ANTHROPIC_API_KEY: 'other',
      ANTHROPIC_AUTH_TOKEN: 'other',
      ANTHROPIC_CUSTOM_HEADERS: 'authorization: Bearer other\nanthropic-version: 1\nx-other: 1',
      ANTHROPIC_LOG: 'debug',
      OPENAI_BASE_URL: 'http://192.0.2.1',
      OPENAI_API_KEY: 'other',
      OPENAI_ORG_ID: 'other',
      OPENAI_PROJECT_ID: 'other',
      OPENAI_CUSTOM_HEADERS: 'authorization: Bearer other\nx-other: 1',
      OPENAI_LOG: 'debug',
    }
    await ask(one)
    Object.assign(process.env, strange)
    try {
      await ask(one)
    } finally {
      for (const name of Object.keys(strange)) Reflect.deleteProperty(process.env, name)
    }
    const [plain, other] = server.asked
    expect(other).toEqual(plain)
  })
})

function refusing(status: number, headers: Record<string, string>, says = 'no') {
  return { kind: 'raw' as const, status, headers, body: JSON.stringify({ error: { type: 'error', message: says } }) }
}

const Fault = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  retryAfterMilliseconds: z.number().optional(),
})

function errorOf(asked: Promise<unknown> | undefined): Promise<unknown> {
  return Promise.resolve(asked).then(
    () => null,
    (error: unknown) => error,
  )
}

async function faultOf(asked: Promise<unknown> | undefined): Promise<z.infer<typeof Fault>> {
  return Fault.parse(await errorOf(asked))
}
