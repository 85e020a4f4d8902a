// `POST /v1/messages` as Anthropic takes it. Strict where the real one is: what it would refuse is refused here.
import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Json } from '../../domain/canonical-json.ts'
import type { Message } from '../../domain/model.ts'
import type { Block, Heard, Refused } from './heard.ts'

const Cache = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish()
const Text = z.looseObject({ type: z.literal('text'), text: z.string().min(1), cache_control: Cache })
const Use = z.looseObject({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.json()),
  cache_control: Cache,
})
const Result = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(Text)]).default(''),
  cache_control: Cache,
})
const Thinking = z.looseObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() })
const Part = z.discriminatedUnion('type', [Text, Use, Result, Thinking])
type Part = z.infer<typeof Part>
const Said = z.strictObject({
  role: z.enum(['user', 'assistant']),
  content: z.union([z.string().min(1), z.array(Part).min(1)]),
})
const Tool = z.looseObject({
  name: z.string().regex(/^[\w-]{1,128}$/),
  description: z.string().default(''),
  input_schema: z.looseObject({ type: z.literal('object') }),
  cache_control: Cache,
})
const Request = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: z.array(Said).min(1),
  system: z.union([z.string(), z.array(Text)]).default(''),
  tools: z.array(Tool).default([]),
  tool_choice: z.looseObject({ type: z.string() }).optional(),
  stream: z.boolean().default(false),
  cache_control: Cache,
})

const mostBreakpoints = 4

/** Models whose thinking can't be switched off; what they thought has to come back as it was. */
export const thinks = (model: string): boolean => /opus|fable/.test(model)

/** What stands for the real one's signature: whoever changes the thought no longer fits it. */
export function signatureOf(thought: string): string {
  return createHash('sha256').update(`millwright-lab:${thought}`).digest('base64')
}

export function readAnthropic(body: unknown, key: string): Heard | Refused {
  const result = Request.safeParse(body)
  if (!result.success) return refused(z.prettifyError(result.error))
  const { model, max_tokens: maximumOutput, messages, system, tools, tool_choice: choice, stream } = result.data
  if (choice !== undefined && choice.type !== 'auto' && choice.type !== 'none')
    return refused(`tool_choice: forced tool use is not supported by ${model}`)
  const parts = messages.map(({ role, content }) => ({
    role,
    content: typeof content === 'string' ? [{ type: 'text' as const, text: content, cache_control: null }] : content,
  }))
  const problem = orderProblem(parts, model)
  if (problem !== null) return refused(problem)
  const blocks = blocksOf(result.data, parts)
  if (blocks.filter(({ breakpoint }) => breakpoint).length > mostBreakpoints)
    return refused(`A maximum of ${mostBreakpoints} blocks with cache_control may be provided.`)
  return {
    protocol: 'anthropic' as const,
    model,
    key,
    stream,
    wantsUsage: true,
    blocks,
    question: {
      system: typeof system === 'string' ? system : system.map(({ text }) => text).join('\n'),
      tools: tools.map((one) => ({
        name: one.name,
        description: one.description,
        input: z.json().parse(one.input_schema),
      })),
      messages: parts.flatMap(messagesOf),
      maximumOutput,
    },
  }
}

type Turn = { readonly role: 'user' | 'assistant'; readonly content: readonly Part[] }

function refused(says: string): Refused {
  return { status: 400, says }
}

/** What the real one says about messages that do not follow each other as they must; null: they do. */
function orderProblem(turns: readonly Turn[], model: string): string | null {
  if (turns[0]?.role !== 'user') return 'messages: first message must use the "user" role'
  for (const [at, { role, content }] of turns.entries()) {
    const uses = content.flatMap((one) => (one.type === 'tool_use' ? [one.id] : []))
    const next = turns[at + 1]?.content.flatMap((one) => (one.type === 'tool_result' ? [one.tool_use_id] : [])) ?? []
    if (role === 'assistant' && uses.some((id) => !next.includes(id)))
      return `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after`
    const results = content.flatMap((one) => (one.type === 'tool_result' ? [one.tool_use_id] : []))
    const before = turns[at - 1]?.content.flatMap((one) => (one.type === 'tool_use' ? [one.id] : [])) ?? []
    if (results.some((id) => !before.includes(id)))
      return `messages.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks`
    const thought = content.find((one) => one.type === 'thinking')
    if (thought !== undefined && thought.signature !== signatureOf(thought.thinking))
      return `messages.${at}: Invalid \`signature\` in \`thinking\` block`
    if (role === 'assistant' && uses.length > 0 && thinks(model) && content[0]?.type !== 'thinking')
      return `messages.${at}.content.0.type: Expected \`thinking\`, but found \`${content[0]?.type ?? ''}\``
  }
  return null
}

function blocksOf(request: z.infer<typeof Request>, turns: readonly Turn[]): readonly Block[] {
  const { system, tools, cache_control: whole } = request
  const first = typeof system === 'string' ? [{ type: 'text', text: system }] : system
  let answers = 0
  const said = turns.flatMap(({ role, content }, at) => {
    if (role === 'assistant') answers += 1
    return content.map((part, position) => blockOf({ ...part, role, at, position }, answers))
  })
  const all = [...tools.map((one) => blockOf(one, 0)), ...first.map((one) => blockOf(one, 0)), ...said]
  // Told to cache as much as it can, it marks the last block itself.
  return all.map((one, at) => (whole && at === all.length - 1 ? { ...one, breakpoint: true } : one))
}

function blockOf(part: Readonly<Record<string, unknown>>, answers: number): Block {
  const { cache_control: mark, ...rest } = part
  return { bytes: JSON.stringify(rest), breakpoint: mark !== undefined && mark !== null, answers }
}

function messagesOf({ role, content }: Turn): readonly Message[] {
  const text = content.flatMap((one) => (one.type === 'text' ? [one.text] : [])).join('\n')
  if (role === 'assistant') {
    const calls = content.flatMap((one) =>
      one.type === 'tool_use' ? [{ id: one.id, name: one.name, input: one.input satisfies Json }] : [],
    )
    return [{ role, text, calls, own: null }]
  }
  const results = content.flatMap((one) =>
    one.type === 'tool_result' ? [{ call: one.tool_use_id, text: resultText(one.content) }] : [],
  )
  return [
    ...(results.length === 0 ? [] : [{ role: 'results' as const, results }]),
    ...(text === '' ? [] : [{ role, text }]),
  ]
}

function resultText(content: string | readonly { readonly text: string }[]): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('\n')
}
