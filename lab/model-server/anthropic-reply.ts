// An answer as Anthropic gives it, whole or as a stream of events.
import * as z from 'zod'
import type { Stop } from '../../domain/model.ts'
import { signatureOf, thinks } from './anthropic-request.ts'
import type { Called, Usage } from './heard.ts'
import { type Answered, idOf, type Piece, piecesOf } from './pieces.ts'

const stopReasons: Readonly<Record<Stop, string>> = {
  done: 'end_turn',
  tools: 'tool_use',
  'cut-off': 'max_tokens',
  refused: 'refusal',
}

export function anthropicWhole({ model, said, usage }: Answered): string {
  return JSON.stringify({
    ...headOf(model, usage, usage.output),
    content: blocksOf(model, said.text, said.calls).map(({ whole }) => whole),
    stop_reason: stopReasons[said.stop],
  })
}

export function anthropicStream({ model, said, usage }: Answered): readonly Piece[] {
  const blocks = blocksOf(model, said.text, said.calls)
  return [
    event('message_start', { message: headOf(model, usage, 1) }),
    event('ping', {}),
    ...blocks.flatMap(({ start, deltas }, index) => [
      event('content_block_start', { index, content_block: start }),
      ...deltas.map((delta) => event('content_block_delta', { index, delta })),
      event('content_block_stop', { index }),
    ]),
    event('message_delta', {
      delta: { stop_reason: stopReasons[said.stop], stop_sequence: null },
      usage: countsOf(usage, usage.output),
    }),
    event('message_stop', {}),
  ]
}

export function anthropicError(status: number, says: string): string {
  const types: Readonly<Record<number, string>> = {
    400: 'invalid_request_error',
    401: 'authentication_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    529: 'overloaded_error',
  }
  const error = { type: types[status] ?? 'api_error', message: says }
  return JSON.stringify({ type: 'error', error, request_id: idOf('req') })
}

function event(type: string, rest: object): Piece {
  return { text: `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n` }
}

function headOf(model: string, usage: Usage, output: number): object {
  const empty = { content: [], stop_reason: null, stop_sequence: null }
  return { id: idOf('msg'), type: 'message', role: 'assistant', model, ...empty, usage: countsOf(usage, output) }
}

function countsOf({ input, cacheRead, cacheWrite }: Usage, output: number): object {
  return {
    input_tokens: input,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    service_tier: 'standard',
  }
}

type Block = { readonly whole: object; readonly start: object; readonly deltas: readonly object[] }

function blocksOf(model: string, text: string, calls: readonly Called[]): readonly Block[] {
  const thought = 'Looking at what was sent.'
  const signature = signatureOf(thought)
  const thinking: Block = {
    whole: { type: 'thinking', thinking: thought, signature },
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      { type: 'thinking_delta', thinking: thought },
      { type: 'signature_delta', signature },
    ],
  }
  const words: Block = {
    whole: { type: 'text', text },
    start: { type: 'text', text: '' },
    deltas: piecesOf(text).map((one) => ({ type: 'text_delta', text: one })),
  }
  const uses = calls.map(({ name, input }): Block => {
    const use = { type: 'tool_use', id: idOf('toolu'), name }
    return {
      whole: { ...use, input: objectOf(input) },
      start: { ...use, input: {} },
      deltas: piecesOf(input).map((one) => ({ type: 'input_json_delta', partial_json: one })),
    }
  })
  return [...(thinks(model) ? [thinking] : []), ...(text === '' ? [] : [words]), ...uses]
}

/** An answer that is not streamed can't hold what is no JSON: then it holds nothing. */
function objectOf(input: string): unknown {
  try {
    return z.record(z.string(), z.json()).parse(JSON.parse(input))
  } catch {
    return {}
  }
}
