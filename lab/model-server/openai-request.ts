// `POST /v1/chat/completions` as servers take it that speak like OpenAI's.
import * as z from 'zod'
import type { Message } from '../../domain/model.ts'
import type { Block, Heard, Refused } from './heard.ts'

const Parts = z.array(z.looseObject({ type: z.literal('text'), text: z.string() }))
const Content = z.union([z.string(), Parts]).nullish()
const Call = z.looseObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
})
const Said = z.discriminatedUnion('role', [
  z.looseObject({ role: z.enum(['system', 'developer']), content: Content }),
  z.looseObject({ role: z.literal('user'), content: Content }),
  z.looseObject({ role: z.literal('assistant'), content: Content, tool_calls: z.array(Call).min(1).optional() }),
  z.looseObject({ role: z.literal('tool'), tool_call_id: z.string(), content: Content }),
])
type Said = z.infer<typeof Said>
const Tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: z.string().regex(/^[\w-]{1,64}$/),
    description: z.string().default(''),
    parameters: z.json().default({}),
  }),
})
const Request = z.looseObject({
  model: z.string().min(1),
  messages: z.array(Said).min(1),
  tools: z.array(Tool).min(1).optional(),
  tool_choice: z.unknown().optional(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
})

const defaultOutput = 4_096

export function readOpenai(body: unknown, key: string): Heard | Refused {
  const result = Request.safeParse(body)
  if (!result.success) return { status: 400, says: z.prettifyError(result.error) }
  const { model, messages, tools = [], stream, stream_options: options, tool_choice: choice } = result.data
  if (choice !== undefined && choice !== 'auto' && choice !== 'none')
    return { status: 400, says: "Invalid value for 'tool_choice': forced tool use is not supported." }
  const problem = orderProblem(messages)
  if (problem !== null) return { status: 400, says: problem }
  const systems = messages.filter(({ role }) => role === 'system' || role === 'developer')
  return {
    protocol: 'openai' as const,
    model,
    key,
    stream: stream === true,
    blocks: blocksOf(tools, messages),
    wantsUsage: options?.include_usage === true,
    question: {
      system: systems.map(({ content }) => textOf(content)).join('\n'),
      tools: tools.map(({ function: one }) => ({
        name: one.name,
        description: one.description,
        input: one.parameters,
      })),
      messages: messagesOf(messages),
      maximumOutput: result.data.max_completion_tokens ?? result.data.max_tokens ?? defaultOutput,
    },
  }
}

function orderProblem(messages: readonly Said[]): string | null {
  const open = new Set<string>()
  for (const one of messages) {
    if (one.role === 'tool' && !open.delete(one.tool_call_id))
      return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
    if (one.role !== 'tool' && open.size > 0)
      return "An assistant message with 'tool_calls' must be followed by tool messages responding to each."
    if (one.role === 'assistant') for (const { id } of one.tool_calls ?? []) open.add(id)
  }
  return open.size === 0 ? null : "The following tool_call_ids did not have response messages: 'tool_calls'."
}

/** It caches by itself whatever came before: every block may end what is cached. */
function blocksOf(tools: readonly unknown[], messages: readonly Said[]): readonly Block[] {
  let answers = 0
  const said = messages.map((one, at) => {
    if (one.role === 'assistant') answers += 1
    return { bytes: JSON.stringify({ ...one, at }), breakpoint: true, answers }
  })
  return [...tools.map((one) => ({ bytes: JSON.stringify(one), breakpoint: true, answers: 0 })), ...said]
}

function messagesOf(said: readonly Said[]): readonly Message[] {
  const messages: Message[] = []
  for (const one of said) {
    if (one.role === 'user') messages.push({ role: 'user', text: textOf(one.content) })
    if (one.role === 'assistant') {
      const calls = (one.tool_calls ?? []).map((call) => ({
        id: call.id,
        name: call.function.name,
        input: call.function.arguments,
      }))
      messages.push({ role: 'assistant', text: textOf(one.content), calls, own: null })
    }
    if (one.role === 'tool') addResult(messages, { call: one.tool_call_id, text: textOf(one.content) })
  }
  return messages
}

function addResult(messages: Message[], result: { readonly call: string; readonly text: string }): void {
  const last = messages.at(-1)
  if (last?.role === 'results') messages[messages.length - 1] = { ...last, results: [...last.results, result] }
  else messages.push({ role: 'results', results: [result] })
}

function textOf(content: z.infer<typeof Content>): string {
  if (content === null || content === undefined) return ''
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('\n')
}
