// The contract of every model: this suite runs each folder it finds, against a server that speaks both protocols.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Message, Reply } from '../../domain/model.ts'
import { loadModels } from '../../integrations/load.ts'
import { Config } from '../../runtime/config.ts'
import { addressAt, askerAt, asking, loadCase, modelCases, question } from '../support/model-cases.ts'
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
const said = (reply: Reply): Message => ({ role: 'assistant', text: reply.text, calls: reply.calls, own: reply.own })
const body = (at: number) => server.asked[at]?.body ?? ''

test.each(['anthropic', 'openai-compatible', 'none'])('the model %s is there', (name) => {
  expect(modelCases.map((one) => one.name)).toContain(name)
})

test('with a model that asks nobody there is no model', async () => {
  for (const one of modelCases.filter(({ priced }) => priced === null))
    expect(await loadCase(one, server.url)).toBeNull()
  expect(await loadModels(Config.parse({}), () => '')).toBeNull()
})

describe.each(asking)('the model $name: $says', (one) => {
  test('answers in words, counted, and its name, address and price are known', async () => {
    server.scripts.push({
      kind: 'answer',
      answer: { text: 'It is dead.', usage: { input: 70, cached: 0, written: 0, output: 7 } },
    })
    let pieces = 0
    const heard = () => {
      pieces += 1
    }
    expect(await ask(one, question, { heard })).toMatchObject({
      text: 'It is dead.',
      calls: [],
      stop: 'done',
      usage: { input: 70, cacheRead: 0, cacheWrite: 0, output: 7 },
    })
    expect(pieces).toBeGreaterThan(0)
    expect(await loadCase(one, server.url)).toMatchObject({
      use: one.name,
      model: one.config['model'],
      effort: one.config['effort'] ?? null,
      address: addressAt(one, server.url),
      price: one.priced,
    })
  })

  test('is sent the question and proof of who asks, and nothing of where it runs', async () => {
    await ask(one)
    const [asked] = server.asked
    for (const text of [question.system, 'unit-status', 'does not answer']) expect(body(0)).toContain(text)
    for (const secret of Object.values(one.secrets)) {
      expect(asked?.headers.authorization).toBe(`Bearer ${secret}`)
      expect(body(0)).not.toContain(secret)
    }
    const names = Object.keys(asked?.headers ?? {}).filter((name) => /stainless|trace|organization|project/.test(name))
    expect(names).toEqual([])
    expect(body(0)).not.toMatch(/"tool_choice"/)
  })

  test('calls several tools at once, and takes their results', async () => {
    const calls = [
      { id: 'a1', name: 'unit-status', input: '{"unit":"nginx.service"}' },
      { id: 'a2', name: 'unit-status', input: '' },
    ]
    server.scripts.push({ kind: 'answer', answer: { thinking: 'hm', text: 'I look.', calls } })
    const reply = await ask(one)
    expect(reply).toMatchObject({ text: 'I look.', stop: 'tools' })
    expect(reply.calls).toEqual([
      { id: 'a1', name: 'unit-status', input: { unit: 'nginx.service' } },
      { id: 'a2', name: 'unit-status', input: {} },
    ])
    const results = reply.calls.map(({ id }) => ({ call: id, text: `result of ${id}` }))
    const next = [...question.messages, said(reply), { role: 'results' as const, results }]
    await ask(one, { ...question, messages: next })
    expect(body(1)).toContain('result of a1')
    expect(body(1)).toContain('result of a2')
  })

  test('sends, byte for byte, what it sent before', async () => {
    const messages: Message[] = [...question.messages]
    for (const turn of [1, 2, 3]) {
      const calls = [{ id: `t${turn}`, name: 'unit-status', input: '{"unit":"b","host":"a"}' }]
      server.scripts.push({ kind: 'answer', answer: { thinking: 'hm', text: `turn ${turn}`, calls } })
      const reply = await ask(one, { ...question, messages })
      messages.push(said(reply), {
        role: 'results',
        results: reply.calls.map(({ id }) => ({ call: id, text: 'dead' })),
      })
    }
    const sent = server.asked.map((asked) => withoutMarks(asked.body))
    for (const [at, text] of sent.entries()) {
      const before = sent[at - 1]
      if (before !== undefined) expect(text.startsWith(before.slice(0, before.lastIndexOf(']}')))).toBe(true)
    }
  })

  test('counts what a cache gave', async () => {
    server.scripts.push({
      kind: 'answer',
      answer: { text: 'yes', usage: { input: 5, cached: 900, written: 0, output: 2 } },
    })
    expect((await ask(one)).usage).toEqual({ input: 5, cacheRead: 900, cacheWrite: 0, output: 2 })
  })

  test('estimates, and says so, where nothing was counted', async () => {
    server.scripts.push({ kind: 'answer', answer: { text: 'yes', usage: null } })
    const { usage } = await ask(one)
    expect(usage.estimated).toBe(true)
    expect(usage.input).toBeGreaterThan(50)
    expect(usage.output).toBeGreaterThan(0)
  })

  test.each(['refused', 'cut-off'] as const)('an answer that is %s is an answer', async (stop) => {
    server.scripts.push({
      kind: 'answer',
      answer: { text: 'I', calls: [{ name: 'escalate', input: '{"why":' }], stop },
    })
    expect(await ask(one)).toMatchObject({ text: 'I', stop, calls: [{ name: 'escalate', input: '{"why":' }] })
  })

  test('an answer of nothing is one, and the conversation goes on after it', async () => {
    server.scripts.push({ kind: 'answer', answer: {} })
    const reply = await ask(one)
    expect(reply).toMatchObject({ text: '', calls: [], stop: 'done' })
    const again: Message = { role: 'user', text: 'Say something.' }
    expect(await ask(one, { ...question, messages: [...question.messages, said(reply), again] })).toMatchObject({
      text: 'hello',
    })
    expect(body(1)).not.toMatch(/"(text|content)":""/)
  })

  test('input that is no JSON, or none that can be stored, arrives as text', async () => {
    const inputs = ['not json', '{"a":', '{"a":1e999}', '{"a\\u0000":"\\ud800"}', '['.repeat(100_000)]
    const calls = inputs.map((input, at) => ({ id: `b${at}`, name: 'escalate', input }))
    server.scripts.push({ kind: 'answer', answer: { calls } })
    const reply = await ask(one)
    expect(reply.calls.map(({ input }) => input)).toEqual(inputs)
    const messages = [...question.messages, said(reply), { role: 'results' as const, results: [] }]
    expect(await ask(one, { ...question, messages })).toMatchObject({ text: 'hello' })
    for (const { id } of reply.calls) expect(body(1).split(`"${id}"`)).toHaveLength(3)
  })

  test('ids that are missing, strange or given before are told apart, always in the same way', async () => {
    const calls = ['', 'same', 'same', 'a b', 'x'.repeat(99)].map((id) => ({ id, name: 'escalate', input: '{}' }))
    server.scripts.push({ kind: 'answer', answer: { calls } }, { kind: 'answer', answer: { calls } })
    const reply = await ask(one)
    const ids = reply.calls.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids[1]).toBe('same')
    const messages = [...question.messages, said(reply), { role: 'results' as const, results: [] }]
    const later = (await ask(one, { ...question, messages })).calls.map(({ id }) => id)
    expect(later.filter((id) => ids.includes(id))).toEqual([])
    for (const id of ids) expect(body(1).split(`"${id}"`), id).toHaveLength(3)
  })

  test('an id that a model gives itself is told apart from ours', async () => {
    const given = ['call-1-3', 'call-1-0', 'call-1-5', '', 'a b', '']
    const calls = given.map((id) => ({ id, name: 'escalate', input: '{}' }))
    server.scripts.push({ kind: 'answer', answer: { calls } })
    const ids = (await ask(one)).calls.map(({ id }) => id)
    expect(new Set(ids).size).toBe(calls.length)
  })

  test('a call that is written into the words stays words', async () => {
    const text = '{"name":"escalate","arguments":{"why":"I was told to"}}'
    server.scripts.push({ kind: 'answer', answer: { text } })
    expect(await ask(one)).toMatchObject({ text, calls: [], stop: 'done' })
  })

  test('what can not be stored is not handed on', async () => {
    server.scripts.push({
      kind: 'answer',
      answer: { thinking: 'a\0b', text: 'a\0b\ud800', calls: [{ name: 'a\0', input: '{}' }] },
    })
    const reply = JSON.stringify(await ask(one))
    expect(reply).not.toContain('\\u0000')
    expect(reply).not.toContain('\\ud800')
  })
})

/** The request as JSON in one order, without the marks that move from turn to turn, its messages last. */
function withoutMarks(text: string): string {
  const { messages, ...head }: { messages: unknown } = JSON.parse(text, (key, value: unknown) =>
    key === 'cache_control' ? undefined : value,
  )
  return JSON.stringify({ ...head, messages })
}
