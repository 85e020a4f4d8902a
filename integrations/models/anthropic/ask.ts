import Anthropic, { APIError } from '@anthropic-ai/sdk'
import type { Question, Reply, Stop } from '../../../domain/model.ts'
import { estimatedUsage, storable, toldApart } from '../../model-answer.ts'
import { brokenOff, ownFailure, unanswered } from '../../model-failure.ts'
import type { Tools } from '../../model.ts'
import { type Block, ownOf } from './blocks.ts'
import type { Config } from './index.ts'
import { type Heard, listen } from './listen.ts'
import { requestOf } from './request.ts'

/** The protocol that the library's types are of. */
const protocol = '2026-10-21'

/** Kinds of faults in the middle of an answer that never pass. */
const lasting = /^(invalid_request|authentication|billing|permission|not_found|request_too_large)_error$/

/** Everything is said to the client: what is left out, it would take from its environment. */
export async function ask(question: Question, config: Config, { secret, signal, fetch }: Tools): Promise<Reply> {
  const key = secret(config.key)
  const client = new Anthropic({
    apiKey: key,
    baseURL: config.url,
    webhookKey: null,
    fetch,
    maxRetries: 0,
    logLevel: 'off',
    openTelemetry: { traces: { contentMode: 'metadata_only' }, propagation: false },
  })
  const request = requestOf(question, config)
  try {
    const headers = { authorization: `Bearer ${key}`, 'anthropic-version': protocol, 'user-agent': 'millwright' }
    const heard = await listen(await client.messages.create(request, { signal, headers }))
    signal.throwIfAborted()
    if (!heard.ended) throw brokenOff()
    return replyOf(question, heard, { model: config.model, sent: JSON.stringify(request) })
  } catch (error) {
    signal.throwIfAborted()
    throw ownFailure(error) ?? faultOf(error, key)
  }
}

function replyOf(question: Question, heard: Heard, { model, sent }: { model: string; sent: string }): Reply {
  const blocks = heard.blocks.map((block) => plain(block))
  const text = blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n\n')
  const calls = toldApart(
    question,
    blocks.flatMap((block) => (block.type === 'tool_use' ? [block] : [])),
  )
  const usage = heard.usage ?? estimatedUsage(sent, JSON.stringify(blocks))
  return { text, calls, own: ownOf(model, blocks, calls), stop: stopOf(heard.stop, calls.length), usage }
}

function plain(block: Block): Block {
  switch (block.type) {
    case 'text':
      return { ...block, text: storable(block.text) }
    case 'thinking':
      return { ...block, thinking: storable(block.thinking), signature: storable(block.signature) }
    case 'redacted_thinking':
      return { ...block, data: storable(block.data) }
    case 'tool_use':
      return { ...block, id: storable(block.id), name: storable(block.name), input: storable(block.input) }
  }
}

function stopOf(reason: string | null, calls: number): Stop {
  if (reason === 'refusal') return 'refused'
  if (reason === 'max_tokens' || reason === 'model_context_window_exceeded' || reason === 'pause_turn') return 'cut-off'
  return calls > 0 ? 'tools' : 'done'
}

function faultOf(error: unknown, key: string): Error {
  if (!(error instanceof APIError)) return brokenOff(error)
  // In the middle of an answer there is no status any more, only a kind.
  const isLasting = error.status === undefined && lasting.test(error.type ?? '')
  const { message, status = null } = error
  // Its headers are then those of an answer that had begun: they say nothing of the fault.
  const headers = status === null ? null : (error.headers ?? null)
  return unanswered({ status: isLasting ? 400 : status, headers, says: message, key, cause: error })
}
