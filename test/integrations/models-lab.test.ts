// Conversations of every model with the lab's scripted server, which is as strict about requests as providers are.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Message, Question, Usage } from '../../domain/model.ts'
import { startModelServer, type ModelServer } from '../../lab/model-server/server.ts'
import { askerAt, keyed, question } from '../support/model-cases.ts'

let server: ModelServer
beforeAll(async () => {
  server = await startModelServer({ persona: 'always-wants-more' })
})
afterAll(() => server.stop())

const ask = askerAt(() => server.url)
const models = z.enum(['claude-sonnet-5-5', 'claude-opus-5-5'])

const prompt: Question = {
  ...question,
  system: 'You find out what is wrong, and you say what bears it out. '.repeat(200),
  tools: question.tools.map((tool) => ({
    ...tool,
    input: { type: 'object', properties: {}, additionalProperties: false },
  })),
}

test.each(keyed.flatMap((one) => models.options.map((model) => ({ name: one.name, model, one }))))(
  'six turns of $name with $model: each request is taken, begins with the one before, and is mostly read from a cache',
  async ({ one, model }) => {
    const before = server.requests().length
    const messages: Message[] = [...prompt.messages]
    const used: Usage[] = []
    for (const turn of [1, 2, 3, 4, 5, 6]) {
      const reply = await ask({ ...one, config: { ...one.config, model } }, { ...prompt, messages })
      used.push(reply.usage)
      const results = reply.calls.map(({ id }) => ({ call: id, text: `Turn ${turn}: it is dead.` }))
      const { text, calls, own } = reply
      messages.push({ role: 'assistant', text, calls, own })
      messages.push(calls.length > 0 ? { role: 'results', results } : { role: 'user', text: `Turn ${turn}: go on.` })
    }
    expect(
      server
        .requests()
        .slice(before)
        .map(({ status }) => status),
    ).toEqual([200, 200, 200, 200, 200, 200])
    expect(server.prefixProblems()).toEqual([])
    for (const { input, cacheRead, cacheWrite } of used.slice(1)) {
      expect(cacheRead / (input + cacheRead + cacheWrite)).toBeGreaterThan(0.9)
    }
  },
)
