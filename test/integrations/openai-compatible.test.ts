// What servers make of the protocol that they all call the same.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { loadModels } from '../../integrations/load.ts'
import { Config } from '../../runtime/config.ts'
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

const [local, ...others] = asking.filter(({ name, secrets }) => name === 'openai-compatible' && keyless(secrets))
function keyless(secrets: object): boolean {
  return Object.keys(secrets).length === 0
}

function asked(text: string, type = 'text/event-stream') {
  if (local === undefined || others.length > 0) throw new Error('one local server is described')
  server.scripts.push({ kind: 'raw', status: 200, headers: { 'content-type': type }, body: text })
  return askerAt(() => server.url)(local)
}

const chunks = (...all: readonly object[]) => all.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('')
const says = (delta: object, finish_reason: string | null = null) => ({ choices: [{ delta, finish_reason }] })
const end = says({}, 'stop')

test('a local server is asked without a key, and told how long the answer may be', async () => {
  await asked(chunks(says({ content: 'hello' }, 'stop')))
  const [first] = server.asked
  expect(first?.headers).not.toHaveProperty('authorization')
  expect(JSON.parse(first?.body ?? '')).toMatchObject({ max_tokens: question.maximumOutput, stream: true })
})

test('a key goes unencrypted to this machine alone; without one another may be asked so', async () => {
  const load = (block: object) =>
    loadModels(Config.parse({ models: { planner: { use: 'openai-compatible', model: 'm', ...block } } }), () => 'key')
  const url = 'http://models.example/v1'
  await expect(load({ url, key: 'file:/k' })).rejects.toMatchObject({ message: /models\.planner\.url would show/ })
  await expect(load({ url })).resolves.not.toBeNull()
  await expect(load({ url: 'http://[::1]:8000/v1', key: 'file:/k' })).resolves.not.toBeNull()
})

test('an answer is over where its reason stands, with or without a last word', async () => {
  expect(await asked(chunks(says({ content: 'hello' }, 'stop')))).toMatchObject({ text: 'hello', stop: 'done' })
  expect(await asked(`${chunks(says({ content: 'hello' }))}data: [DONE]\n\n`)).toMatchObject({ text: 'hello' })
  await expect(asked(chunks(says({ content: 'hello' })))).rejects.toMatchObject({ code: 'upstream.unavailable' })
})

test('a server that does not stream is understood', async () => {
  const message = { content: 'hello', tool_calls: [{ id: 'a', function: { name: 'escalate', arguments: '{"b":1}' } }] }
  const usage = { prompt_tokens: 9, completion_tokens: 3 }
  const whole = JSON.stringify({ choices: [{ message, finish_reason: 'tool_calls' }], usage })
  expect(await asked(whole, 'application/json; charset=utf-8')).toMatchObject({
    text: 'hello',
    calls: [{ id: 'a', name: 'escalate', input: { b: 1 } }],
    usage: { input: 9, cacheRead: 0, cacheWrite: 0, output: 3 },
  })
})

test.each([
  ['a place', [{ index: 0 }, { index: 1 }]],
  ['no place', [{}, {}]],
  ['the same place', [{ index: 0 }, { index: 0 }]],
])('calls with %s are told apart', async (_, [first, second]) => {
  const calls = [
    { ...first, id: 'a', function: { name: 'unit-status', arguments: '{"u":' } },
    { ...first, function: { arguments: '1}' } },
    { ...second, id: 'b', function: { name: 'escalate', arguments: { why: 'x' } } },
  ]
  expect((await asked(chunks(...calls.map((one) => says({ tool_calls: [one] })), end))).calls).toEqual([
    { id: 'a', name: 'unit-status', input: { u: 1 } },
    { id: 'b', name: 'escalate', input: { why: 'x' } },
  ])
})

test.each([
  ['none', undefined],
  ['of nothing', { prompt_tokens: 0, completion_tokens: 0 }],
  ['of no numbers', { prompt_tokens: 'many', completion_tokens: -1 }],
])('a count of tokens that is %s is estimated, with what it thought', async (_, usage) => {
  const thought = says({ reasoning_content: 'x'.repeat(3_000) })
  const reply = await asked(chunks(thought, { ...says({ content: 'hello' }, 'stop'), usage }))
  expect(reply).toMatchObject({ text: 'hello', usage: { estimated: true } })
  expect(reply.usage.output).toBeGreaterThan(1_000)
})

test('a refusal that stands where the words do is one', async () => {
  expect(await asked(chunks(says({ refusal: 'No.' }), end))).toMatchObject({ text: 'No.', stop: 'refused' })
})

test.each([
  [{ message: 'overloaded', code: 503 }, 'upstream.unavailable'],
  [{ message: 'too long', code: 400 }, 'upstream.rejected'],
  ['out of memory', 'upstream.unavailable'],
])('a fault in the middle of an answer is one: %j', async (error, code) => {
  await expect(asked(chunks(says({ content: 'It' }), { error }, end))).rejects.toMatchObject({ code })
})

test('what is no chunk is passed over', async () => {
  const noise = 'data: 7\n\ndata: {"choices":7}\n\ndata: nonsense\n\n: comment\n\nevent: x\ndata: null\n\n'
  expect(await asked(`${noise}${chunks(says({ content: 'hello' }, 'stop'))}${noise}`)).toMatchObject({ text: 'hello' })
})
