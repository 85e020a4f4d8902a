// One question as a request. What was said before is, byte for byte, what the request before it said.
import type { Json } from '../../../domain/canonical-json.ts'
import type { Message, Question } from '../../../domain/model.ts'
import type { Config } from './index.ts'

const notCarriedOut = 'Not carried out.'
const noAnswer = '(no answer)'

export function requestOf(question: Question, { model, effort, url }: Config): string {
  const { system, tools, messages, maximumOutput } = question
  // OpenAI itself takes the new name only, others mostly know the old one.
  const isOpenai = new URL(url).hostname === 'api.openai.com'
  return JSON.stringify({
    model,
    stream: true,
    stream_options: { include_usage: true },
    [isOpenai ? 'max_completion_tokens' : 'max_tokens']: maximumOutput,
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...(tools.length === 0 ? {} : { tools: tools.map(toolOf) }),
    messages: [
      ...(system === '' ? [] : [{ role: 'system', content: system }]),
      ...messages.flatMap((message, at) => sentAs(message, messages[at - 1])),
    ],
  })
}

function toolOf({ name, description, input }: Question['tools'][number]): object {
  return { type: 'function', function: { name, description, parameters: input } }
}

function sentAs(message: Message, before: Message | undefined): readonly object[] {
  if (message.role === 'assistant') return [spoken(message)]
  const calls = before?.role === 'assistant' ? before.calls : []
  const results = new Map(message.role === 'results' ? message.results.map(({ call, text }) => [call, text]) : [])
  // Each call wants its result, first of all.
  const answered = calls.map(({ id }) => ({
    role: 'tool',
    tool_call_id: id,
    content: results.get(id) ?? notCarriedOut,
  }))
  const text = message.role === 'user' ? message.text : ''
  if (text !== '') return [...answered, { role: 'user', content: text }]
  return answered.length > 0 ? answered : [{ role: 'user', content: '(nothing)' }]
}

function spoken({ text, calls }: Extract<Message, { role: 'assistant' }>): object {
  if (calls.length === 0) return { role: 'assistant', content: text === '' ? noAnswer : text }
  const used = calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(objectOf(input)) },
  }))
  return { role: 'assistant', content: text === '' ? null : text, tool_calls: used }
}

/** Servers put it into a template of the model's own, and some fail on what is no object. */
function objectOf(input: Json): object {
  return typeof input === 'object' && input !== null && !Array.isArray(input) ? input : { unreadable: input }
}
