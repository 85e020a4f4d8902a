// A model's server on loopback that answers what it is told to, in whichever of both protocols it is asked.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'

export type Call = { readonly id?: string; readonly name: string; readonly input: string }

export type Answer = {
  readonly thinking?: string
  readonly text?: string
  readonly calls?: readonly Call[]
  readonly stop?: 'done' | 'cut-off' | 'refused'
  /** Null: it does not say what it counted. */
  readonly usage?: {
    readonly input: number
    readonly cached: number
    readonly written: number
    readonly output: number
  } | null
}

type Script =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** Ends the connection after the first words. */
  | { readonly kind: 'cut'; readonly answer: Answer }
  /** Says its first words, and nothing more. */
  | { readonly kind: 'hangs'; readonly answer: Answer }
  /** A fault after the first words. */
  | { readonly kind: 'fails'; readonly answer: Answer; readonly headers: Record<string, string> }
  | { readonly kind: 'floods' }
  | { readonly kind: 'raw'; readonly status: number; readonly headers: Record<string, string>; readonly body: string }

export type Asked = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }

export type ModelServer = {
  readonly url: string
  readonly asked: Asked[]
  /** What it does next, in this order; after that it answers `hello`. */
  readonly scripts: Script[]
  readonly end: () => Promise<void>
}

const counted = { input: 100, cached: 0, written: 0, output: 10 }

export async function startModelServer(): Promise<ModelServer> {
  const asked: Asked[] = []
  const scripts: Script[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() })
      const script = scripts.shift() ?? { kind: 'answer' as const, answer: { text: 'hello' } }
      play(script, request.url?.endsWith('/messages') === true ? anthropic : openai, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const end = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, asked, scripts, end }
}

function play(script: Script, protocol: (answer: Answer) => readonly string[], response: ServerResponse): void {
  if (script.kind === 'raw') {
    response.writeHead(script.status, { 'content-type': 'application/json', ...script.headers }).end(script.body)
    return
  }
  const more = script.kind === 'fails' ? script.headers : {}
  response.writeHead(200, { 'content-type': 'text/event-stream', ...more })
  if (script.kind === 'floods') return flood(response)
  const events = protocol(script.answer)
  if (script.kind === 'answer') {
    response.end(events.join(''))
    return
  }
  if (script.kind === 'fails') {
    const fault = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    response.end(`${events.slice(0, 2).join('')}event: error\ndata: ${JSON.stringify(fault)}\n\n`)
    return
  }
  response.write(events.slice(0, 2).join(''), () => {
    if (script.kind === 'cut') response.destroy()
  })
}

/** 50 MB of an answer, as fast as they are taken. */
function flood(response: ServerResponse, left = 50): void {
  if (left === 0 || response.destroyed) {
    response.end()
    return
  }
  response.write(`data: ${'x'.repeat(1_000_000)}`, () => flood(response, left - 1))
}

function anthropic({ thinking, text, calls = [], stop = 'done', usage = counted }: Answer): readonly string[] {
  const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
  const blocks = [
    ...(thinking === undefined
      ? []
      : [
          {
            start: { type: 'thinking', thinking: '', signature: '' },
            deltas: [
              { type: 'thinking_delta', thinking },
              { type: 'signature_delta', signature: 'signed' },
            ],
          },
        ]),
    ...(text === undefined ? [] : [{ start: { type: 'text', text: '' }, deltas: [{ type: 'text_delta', text }] }]),
    ...calls.map(({ id = '', name, input }) => ({
      start: { type: 'tool_use', id, name, input: {} },
      deltas: [{ type: 'input_json_delta', partial_json: input }],
    })),
  ]
  const reasons = { done: calls.length > 0 ? 'tool_use' : 'end_turn', 'cut-off': 'max_tokens', refused: 'refusal' }
  const { input, cached, written, output } = usage ?? counted
  const counts = { input_tokens: input, cache_read_input_tokens: cached, cache_creation_input_tokens: written }
  return [
    event('message_start', { message: usage === null ? {} : { usage: { ...counts, output_tokens: 1 } } }),
    'event: ping\ndata: {"type":"ping"}\n\n',
    ...blocks.flatMap(({ start, deltas }, index) => [
      event('content_block_start', { index, content_block: start }),
      ...deltas.map((delta) => event('content_block_delta', { index, delta })),
      event('content_block_stop', { index }),
    ]),
    event('message_delta', {
      delta: { stop_reason: reasons[stop] },
      ...(usage === null ? {} : { usage: { output_tokens: output } }),
    }),
    event('message_stop', {}),
  ]
}

function openai({ text, calls = [], stop = 'done', usage = counted }: Answer): readonly string[] {
  const chunk = (more: object) =>
    `data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model: 'm', ...more })}\n\n`
  const choice = (delta: object, finish: string | null = null) =>
    chunk({ choices: [{ index: 0, delta, finish_reason: finish }] })
  const reasons = { done: calls.length > 0 ? 'tool_calls' : 'stop', 'cut-off': 'length', refused: 'content_filter' }
  const counts =
    usage === null
      ? []
      : [
          chunk({
            choices: [],
            usage: {
              prompt_tokens: usage.input + usage.cached + usage.written,
              completion_tokens: usage.output,
              total_tokens: 0,
              prompt_tokens_details: { cached_tokens: usage.cached },
            },
          }),
        ]
  return [
    choice({ role: 'assistant', content: '' }),
    ...(text === undefined ? [] : [choice({ content: text })]),
    ...calls.map(({ id, name, input }, index) =>
      choice({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: input } }] }),
    ),
    choice({}, reasons[stop]),
    ...counts,
    'data: [DONE]\n\n',
  ]
}
