// Our own clients of models, with the providers' libraries, against the scripted model server: what one says, the other
// understands.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Message, Question, Reply } from '../../domain/model.ts'
import { keyFor } from '../../lab/model-server/persona.ts'
import { type ModelServer, startModelServer } from '../../lab/model-server/server.ts'
import { askerAt, asking, keyed, type ModelCase } from '../support/model-cases.ts'
import { crashed, system, tools } from './asking.ts'

let server: ModelServer
beforeAll(async () => void (server = await startModelServer()))
afterAll(() => server?.stop())

const Tool = z.object({ name: z.string(), description: z.string(), input_schema: z.json() })
const offered = z
  .array(Tool)
  .parse(tools)
  .map(({ name, description, input_schema: input }) => ({ name, description, input }))
const told: Message = { role: 'user', text: crashed }
const untold: Message = { role: 'user', text: crashed.split('\n').slice(0, 4).join('\n') }

const askAt = askerAt(() => server.url)

function ask(one: ModelCase, persona: string, messages: readonly Message[]): Promise<Reply> {
  const secrets = Object.fromEntries(Object.keys(one.secrets).map((name) => [name, keyFor(persona, 'test')]))
  const question: Question = { system, tools: offered, messages, maximumOutput: 1_000 }
  return askAt({ ...one, secrets }, question)
}

test('who needs no key is answered without one', async () => {
  const free = asking.filter((one) => !keyed.includes(one))
  for (const one of free) expect((await ask(one, 'correct', [told])).calls).toHaveLength(1)
})

describe.each(keyed)('the client $name: $says', (one) => {
  test.each([
    ['correct', 'tools'],
    ['refuses', 'refused'],
    ['truncates', 'cut-off'],
    ['garbage-json', 'tools'],
    ['invents-tools', 'tools'],
    ['false-quotes', 'tools'],
  ])('understands who is %s', async (persona, stop) => {
    const reply = await ask(one, persona, [told])

    expect(reply.stop).toBe(stop)
    expect(reply.usage.input + reply.usage.cacheRead + reply.usage.cacheWrite).toBeGreaterThan(1_000)
  })

  test('reads the proposal of who is right', async () => {
    const { calls } = await ask(one, 'correct', [told])

    expect(calls).toMatchObject([{ name: 'propose_remediation', input: { playbook: 'service-restart' } }])
  })

  test('is told when to come again', async () => {
    await expect(ask(one, 'always-retries', [told])).rejects.toMatchObject({
      code: 'upstream.unavailable',
      retryAfterMilliseconds: 1_000,
    })
  })

  test('begins every request with the one before, and so finds it in the cache', async () => {
    const first = await ask(one, 'correct', [untold])
    const results = first.calls.map(({ id }) => ({ call: id, text: 'nothing found' }))
    const said: Message = { role: 'assistant', text: first.text, calls: first.calls, own: first.own }
    const second = await ask(one, 'correct', [untold, said, { role: 'results', results }])

    expect(first.calls.length).toBeGreaterThan(1)
    expect(second.usage.cacheRead).toBeGreaterThan(1_000)
    expect(server.prefixProblems()).toEqual([])
  })
})
