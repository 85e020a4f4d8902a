import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { Message } from '../../domain/model.ts'
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

const ask = askerAt(() => server.url)

test.each([
  [
    'a model without a price',
    { model: 'claude-unheard-of', key: 'file:/k' },
    /models\.planner\.model: .*claude-sonnet/,
  ],
  ['a key in the config', { model: 'claude-sonnet-5-5', key: 'sk-1' }, /models\.planner\.key/],
  [
    'a name in the address',
    { model: 'claude-sonnet-5-5', key: 'file:/k', url: 'http://a:b@c' },
    /models\.planner\.url/,
  ],
  [
    'a key over plain HTTP',
    { model: 'claude-sonnet-5-5', key: 'file:/k', url: 'http://models.example' },
    /models\.planner\.url would show the key/,
  ],
])('%s is refused, naming the key', async (_, block, message) => {
  const config = Config.parse({ models: { planner: { use: 'anthropic', ...block } } })
  await expect(loadModels(config, () => '')).rejects.toMatchObject({ code: 'config.invalid', message })
})

test('a price in the config counts instead of the list, and a version of a listed model costs what it does', async () => {
  const of = async (block: object) =>
    (await loadModels(Config.parse({ models: { planner: { use: 'anthropic', key: 'file:/k', ...block } } }), () => ''))
      ?.planner.price
  expect(await of({ model: 'mine', price: { input: 3, output: 4 } })).toEqual({
    input: 3,
    output: 4,
    cacheRead: 3,
    cacheWrite: 3,
    listed: 'config',
  })
  expect(await of({ model: 'claude-haiku-5-5-20261007' })).toMatchObject({
    input: 0.1,
    above: { tokens: 100_000, price: { input: 0.5, output: 2.5 } },
  })
  const reads = async (model: string) => (await of({ model }))?.cacheRead
  expect([await reads('claude-fable-5-1'), await reads('claude-opus-5-5'), await reads('claude-sonnet-5-5')]).toEqual([
    0.25, 0.2, 0.1,
  ])
})

test('Anthropic is told how far it may keep what it reads: the tools, the prompt, the turn before, the end', async () => {
  const one = asking.find(({ name }) => name === 'anthropic')
  if (one === undefined) throw new Error('no anthropic')
  const messages: readonly Message[] = [
    ...question.messages,
    { role: 'assistant', text: 'I look.', calls: [{ id: 'a', name: 'escalate', input: {} }], own: null },
    { role: 'results', results: [{ call: 'a', text: 'dead' }] },
    { role: 'assistant', text: '', calls: [], own: null },
    { role: 'user', text: 'Go on.' },
  ]
  await ask(one, { ...question, messages })
  const marked = z.object({ cache_control: z.object({ type: z.literal('ephemeral') }) }).loose()
  const found: unknown[] = []
  JSON.parse(server.asked[0]?.body ?? '', (_key, value: unknown) => {
    if (marked.safeParse(value).success) found.push(value)
    return value
  })
  expect(found).toMatchObject([
    { name: 'escalate' },
    { text: question.system },
    { type: 'tool_result', content: 'dead' },
    { text: 'Go on.' },
  ])
})
