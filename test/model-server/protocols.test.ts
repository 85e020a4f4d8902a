// The scripted model server speaks both protocols as the real servers do, and refuses what they refuse.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ModelServer, startModelServer } from '../../lab/model-server/server.ts'
import { askAnthropic, askOpenai, crashed, user } from './asking.ts'

let server: ModelServer
beforeAll(async () => void (server = await startModelServer()))
afterAll(() => server?.stop())

const restart = { playbook: 'service-restart', params: { unit: 'nginx.service' } }

describe('Anthropic’s protocol', () => {
  test('answers whole with the tool that it calls and what it used', async () => {
    const response = await askAnthropic(server)
    const [said, used] = (await json(response))['content']

    expect(response.status).toBe(200)
    expect(said).toMatchObject({ type: 'text' })
    expect(used).toMatchObject({ type: 'tool_use', name: 'propose_remediation', input: restart })
  })

  test('streams the same answer in events that end with its usage', async () => {
    const events = eventsOf(await (await askAnthropic(server, { stream: true })).text())
    const kinds = events.map(({ type }) => type)
    const written = events.map(({ delta }) => delta?.partial_json ?? '').join('')

    expect([kinds[0], kinds.at(-2), kinds.at(-1)]).toEqual(['message_start', 'message_delta', 'message_stop'])
    expect(JSON.parse(written)).toMatchObject(restart)
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: { input_tokens: expect.any(Number) },
    })
  })

  test.each([
    ['forced use of a tool', { tool_choice: { type: 'any' } }, /forced tool use/],
    ['no maximum', { max_tokens: 0 }, /max_tokens/],
    ['an answer before any question', { messages: [{ role: 'assistant', content: 'x' }] }, /first message/],
    ['five marks for the cache', { messages: [{ role: 'user', content: Array(5).fill(marked()) }] }, /maximum of 4/],
  ])('refuses %s', async (_, change, says) => {
    const response = await askAnthropic(server, { change })

    expect(response.status).toBe(400)
    expect((await json(response))['error'].message).toMatch(says)
  })

  test('refuses a call without its result, and a thought that was changed', async () => {
    const use = { type: 'tool_use', id: 'toolu_1', name: 'journal', input: {} }
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' }] }
    const thought = { type: 'thinking', thinking: 'another thought', signature: 'x' }
    const after = (content: object[], ...more: object[]) =>
      askAnthropic(server, {
        change: { messages: JSON.parse(JSON.stringify([...user('?'), { role: 'assistant', content }, ...more])) },
      })

    expect((await after([use], ...user('and?'))).status).toBe(400)
    expect((await after([use], result)).status).toBe(200)
    expect((await after([thought, use], result)).status).toBe(400)
  })

  test('has its thoughts sent back by models that always think', async () => {
    const model = 'claude-opus-5-5'
    const first = await json(await askAnthropic(server, { model }))
    const { content } = first
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: content.at(-1).id, content: 'no' }] }
    const next = (said: object[]) =>
      askAnthropic(server, {
        model,
        messages: [...user(crashed), JSON.parse(JSON.stringify({ role: 'assistant', content: said })), result],
      })

    expect(content[0]).toMatchObject({ type: 'thinking' })
    expect((await next(content)).status).toBe(200)
    expect((await next(content.slice(1))).status).toBe(400)
  })
})

describe('OpenAI’s protocol', () => {
  test('answers whole', async () => {
    const { choices, usage } = await json(await askOpenai(server))
    const [{ message, finish_reason: reason }] = choices

    expect(reason).toBe('tool_calls')
    expect(JSON.parse(message.tool_calls[0].function.arguments)).toMatchObject(restart)
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
  })

  test('streams chunks, the last with its usage', async () => {
    const lines = (await (await askOpenai(server, { stream: true })).text()).split('\n\n').filter(Boolean)
    const chunks = lines.slice(0, -1).map((line) => JSON.parse(line.replace('data: ', '')))
    const written = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls?.[0].function.arguments ?? []).join('')

    expect(lines.at(-1)).toBe('data: [DONE]')
    expect(JSON.parse(written)).toMatchObject(restart)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: expect.any(Number) } })
  })

  test('refuses a result that nobody asked for', async () => {
    const response = await askOpenai(server, {
      messages: [...user('?'), { role: 'tool', tool_call_id: 'x', content: '' }],
    })

    expect(response.status).toBe(400)
  })
})

test('nobody is answered without a key, with one of a persona that is not there, or elsewhere', async () => {
  const keys = [{}, { 'x-api-key': 'lab.nobody.x' }]
  const asked = keys.map((headers) => fetch(`${server.url}/v1/messages`, { method: 'POST', headers, body: '{}' }))

  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([401, 401])
  expect((await fetch(`${server.url}/v1/models`)).status).toBe(404)
})

function marked(): object {
  return { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }
}

function json(response: Response): Promise<ReturnType<typeof JSON.parse>> {
  return response.json()
}

function eventsOf(stream: string): readonly ReturnType<typeof JSON.parse>[] {
  return stream.split('\n').flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []))
}
