// A scripted model server on loopback: it speaks as Anthropic and as OpenAI do, and answers from nothing but what it
// was sent. It ends with the process that started it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { readAnthropic } from './anthropic-request.ts'
import { prefixCache } from './cache.ts'
import { type Heard, type Protocol, type Refused, type Said, tokensOf, type Usage } from './heard.ts'
import { latencies, type Latency } from './latency.ts'
import { readOpenai } from './openai-request.ts'
import { loadPersonas, namedBy, type Persona, randomFor, repeats, requirePersona } from './persona.ts'
import { prefixProblems, type Recorded, recorder } from './record.ts'
import { hostOf } from './reading.ts'
import { streamed, whole, wrong } from './reply.ts'

export type ModelServer = {
  /** `http://127.0.0.1:port`; Anthropic's protocol is spoken at `/v1/messages`, OpenAI's at `/v1/chat/completions`. */
  readonly url: string
  readonly requests: () => readonly Recorded[]
  /** Requests that are no longer kept. */
  readonly forgotten: () => number
  /** Requests that do not begin with the one before; empty: all do. */
  readonly prefixProblems: () => readonly string[]
  /** From now on this persona answers about that host, where the key names nobody. */
  readonly assign: (host: string, persona: string) => void
  readonly stop: () => Promise<void>
}

export type ModelServerOptions = {
  /** Who answers where the key names nobody. */
  readonly persona?: string
  readonly latency?: keyof typeof latencies
  readonly seed?: number
}

const mostBodyBytes = 32 * 1024 * 1024
const mostConnections = 256

/** Whoever speaks like OpenAI is given an address with or without its version. */
const routes: Readonly<Record<string, Protocol>> = {
  '/v1/messages': 'anthropic',
  '/v1/chat/completions': 'openai',
  '/chat/completions': 'openai',
}

/** Throws `input.not-found` for a persona that it does not know. */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const { persona: usual = 'correct', latency = 'zero', seed = 1 } = options
  const personas = await loadPersonas()
  requirePersona(personas, usual)
  const records = recorder()
  const cached = prefixCache()
  const again = repeats()
  const stopped = new AbortController()
  const assigned = new Map<string, string>()
  const choose = (heard: Heard): string => namedBy(heard.key) ?? assigned.get(hostOf(heard)) ?? usual
  const think = (heard: Heard, name: string): Thought => {
    const persona = requirePersona(personas, name)
    const said = persona.answer(heard, { again: again(heard), random: randomFor(seed, heard) })
    const usage = said.kind === 'trouble' ? null : { ...cached(heard), output: outputOf(said, heard) }
    return { said, usage, latency: persona.latency ?? latencies[latency] }
  }
  const server = createServer((request, response) => {
    const exchange = { request, response, signal: stopped.signal, choose, think, record: records.add, personas }
    serve(exchange).catch(() => response.destroy())
  })
  server.maxConnections = mostConnections
  return {
    url: `http://127.0.0.1:${await listen(server)}`,
    requests: records.requests,
    forgotten: records.forgotten,
    prefixProblems: () => prefixProblems(records.requests()),
    assign: (host, persona) => {
      requirePersona(personas, persona)
      assigned.set(host, persona)
    },
    stop: () => {
      stopped.abort()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

type Thought = { readonly said: Said; readonly usage: Usage | null; readonly latency: Latency }

type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly signal: AbortSignal
  readonly personas: ReadonlyMap<string, Persona>
  readonly choose: (heard: Heard) => string
  readonly think: (heard: Heard, persona: string) => Thought
  readonly record: (one: Omit<Recorded, 'number'>) => void
}

async function serve(exchange: Exchange): Promise<void> {
  const { request, response, signal, record } = exchange
  const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname
  const body = await bodyOf(request)
  const protocol = routes[path] ?? 'anthropic'
  const heard = readRequest(exchange, path, body)
  const seen = { path, body: body ?? '', headers: headersOf(request) }
  if ('says' in heard) {
    record({ ...seen, status: heard.status, persona: '', model: '', host: '', blocks: [], said: null, usage: null })
    answerWith(response, heard.status, wrong[protocol](heard.status, heard.says))
    return
  }
  const persona = exchange.choose(heard)
  const { said, usage, latency } = exchange.think(heard, persona)
  const status = said.kind === 'trouble' ? said.status : 200
  record({ ...seen, status, persona, model: heard.model, host: hostOf(heard), blocks: heard.blocks, said, usage })
  if (said.kind === 'trouble' || usage === null) {
    if (said.kind === 'trouble') response.setHeader('retry-after', String(said.retryAfterSeconds))
    answerWith(response, status, wrong[protocol](status, 'Try again later.'))
    return
  }
  const answered = { model: heard.model, said, usage, wantsUsage: heard.wantsUsage }
  await pause(latency.firstMilliseconds, signal)
  if (!heard.stream) {
    await pause(latency.perTokenMilliseconds * usage.output, signal)
    answerWith(response, 200, whole[protocol](answered))
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const pieces = streamed[protocol](answered)
  for (const { text } of pieces) {
    response.write(text)
    await pause((latency.perTokenMilliseconds * usage.output) / pieces.length, signal)
  }
  response.end()
}

function readRequest({ request, personas }: Exchange, path: string, body: string | null): Heard | Refused {
  const protocol = routes[path]
  if (protocol === undefined || request.method !== 'POST') return { status: 404, says: `Not found: ${path}` }
  if (body === null) return { status: 413, says: `Requests are at most ${mostBodyBytes} bytes.` }
  const headers = headersOf(request)
  const key = headers['x-api-key'] ?? /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1] ?? ''
  const name = namedBy(key)
  // A local server wants none.
  const isNobody = key === '' ? protocol === 'anthropic' : name !== undefined && !personas.has(name)
  if (isNobody) return { status: 401, says: 'invalid x-api-key' }
  if (protocol === 'anthropic' && headers['anthropic-version'] === undefined)
    return { status: 400, says: 'anthropic-version: header is required' }
  try {
    const value: unknown = JSON.parse(body)
    return protocol === 'anthropic' ? readAnthropic(value, key) : readOpenai(value, key)
  } catch {
    return { status: 400, says: 'The request body is not valid JSON.' }
  }
}

/** Null: too large. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(piece)) continue
    bytes += piece.length
    if (bytes > mostBodyBytes) return null
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
}

function answerWith(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body)
}

function outputOf(said: Extract<Said, { kind: 'answer' }>, { question }: Heard): number {
  const written = tokensOf(said.text + said.calls.map(({ name, input }) => name + input).join(''))
  return said.stop === 'cut-off' ? question.maximumOutput : Math.min(Math.max(1, written), question.maximumOutput)
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds, undefined, { signal })
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('no port on loopback'))
      else resolve(address.port)
    })
  })
}
