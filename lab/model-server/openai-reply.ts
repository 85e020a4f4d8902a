// An answer as servers give it that speak like OpenAI's, whole or in chunks.
import type { Stop } from '../../domain/model.ts'
import type { Usage } from './heard.ts'
import { type Answered, idOf, type Piece, piecesOf } from './pieces.ts'

/** It tells of what was cached in steps of so many tokens. */
const grain = 128

const finishReasons: Readonly<Record<Stop, string>> = {
  done: 'stop',
  tools: 'tool_calls',
  'cut-off': 'length',
  refused: 'content_filter',
}

export function openaiWhole({ model, said, usage }: Answered): string {
  const calls = said.calls.map(({ name, input }) => ({
    id: idOf('call'),
    type: 'function',
    function: { name, arguments: input },
  }))
  const message = {
    role: 'assistant',
    content: said.text === '' ? null : said.text,
    refusal: null,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
  const choice = { index: 0, message, logprobs: null, finish_reason: finishReasons[said.stop] }
  return JSON.stringify({ ...headOf('chat.completion', model), choices: [choice], usage: countsOf(usage) })
}

export function openaiStream({ model, said, usage, wantsUsage }: Answered): readonly Piece[] {
  const head = headOf('chat.completion.chunk', model)
  const last = wantsUsage ? { usage: null } : {}
  const chunk = (delta: object, finish: string | null): Piece =>
    data({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...last })
  return [
    chunk({ role: 'assistant', content: '', refusal: null }, null),
    ...piecesOf(said.text).map((content) => chunk({ content }, null)),
    ...said.calls.flatMap(({ name, input }, index) => [
      chunk({ tool_calls: [{ index, id: idOf('call'), type: 'function', function: { name, arguments: '' } }] }, null),
      ...piecesOf(input).map((one) => chunk({ tool_calls: [{ index, function: { arguments: one } }] }, null)),
    ]),
    chunk({}, finishReasons[said.stop]),
    ...(wantsUsage ? [data({ ...head, choices: [], usage: countsOf(usage) })] : []),
    { text: 'data: [DONE]\n\n' },
  ]
}

export function openaiError(status: number, says: string): string {
  const type = status === 429 ? 'rate_limit_exceeded' : status >= 500 ? 'server_error' : 'invalid_request_error'
  return JSON.stringify({ error: { message: says, type, param: null, code: null } })
}

function data(value: object): Piece {
  return { text: `data: ${JSON.stringify(value)}\n\n` }
}

function headOf(object: string, model: string): object {
  return { id: idOf('chatcmpl'), object, created: Math.floor(Date.now() / 1_000), model }
}

function countsOf({ input, cacheRead, cacheWrite, output }: Usage): object {
  const prompt = input + cacheRead + cacheWrite
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    prompt_tokens_details: { cached_tokens: Math.floor(cacheRead / grain) * grain, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  }
}
