// One question as a request. What was said before is, byte for byte, what the request before it said; the marks tell
// how far the provider may keep it.
import type { MessageCreateParamsStreaming } from '@anthropic-ai/sdk/resources/messages'
import { z } from 'zod'
import type { Message, Question } from '../../../domain/model.ts'
import type { Config } from './index.ts'
import { spoken } from './blocks.ts'

const keep = { cache_control: { type: 'ephemeral' } } as const

/** The provider asks for it; what else stands in a schema is the caller's. */
const ToolInput = z.looseObject({ type: z.literal('object') })

const notCarriedOut = 'Not carried out.'

/**
 * Four marks are taken: after the tools, the system prompt, what the question before ended with, and the end. The third
 * is needed where a turn has more blocks than the provider looks back from the last.
 */
export function requestOf(question: Question, { model, effort }: Config): MessageCreateParamsStreaming {
  const { system, tools, messages, maximumOutput } = question
  const ours = messages.flatMap(({ role }, at) => (role === 'assistant' ? [] : [at]))
  const marked = new Set(ours.slice(-2))
  return {
    model,
    max_tokens: maximumOutput,
    stream: true,
    ...(effort === undefined ? {} : { output_config: { effort } }),
    tools: tools.map(({ name, description, input }, at) => ({
      name,
      description,
      input_schema: ToolInput.parse(input),
      ...(at === tools.length - 1 ? keep : {}),
    })),
    system: system === '' ? [] : [{ type: 'text', text: system, ...keep }],
    messages: messages.map((message, at) =>
      message.role === 'assistant'
        ? { role: 'assistant', content: [...spoken(message, model)] }
        : { role: 'user', content: lastMarked(heard(message, messages[at - 1]), marked.has(at)) },
    ),
  }
}

type Heard =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_result'; readonly tool_use_id: string; readonly content: string }

/** What is said to it. The provider wants a result for each call of the answer before, first of all. */
function heard(message: Exclude<Message, { role: 'assistant' }>, before: Message | undefined): readonly Heard[] {
  const calls = before?.role === 'assistant' ? before.calls : []
  const results = new Map(message.role === 'results' ? message.results.map(({ call, text }) => [call, text]) : [])
  const answered = calls.map(({ id }) => ({
    type: 'tool_result' as const,
    tool_use_id: id,
    content: results.get(id) ?? notCarriedOut,
  }))
  const text = message.role === 'user' ? message.text : ''
  if (text.trim() !== '') return [...answered, { type: 'text', text }]
  return answered.length > 0 ? answered : [{ type: 'text', text: '(nothing)' }]
}

function lastMarked(blocks: readonly Heard[], isMarked: boolean) {
  return blocks.map((block, at) => (isMarked && at === blocks.length - 1 ? { ...block, ...keep } : { ...block }))
}
