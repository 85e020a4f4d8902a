// A streamed answer of Anthropic's protocol, put together. Nothing of it is believed: what is no event that is known
// is passed over.
import { z } from 'zod'
import type { Usage } from '../../../domain/model.ts'
import type { Block } from './blocks.ts'

/** What is no count was not said. */
const Count = z.int().nonnegative().nullish().catch(null)
const Counts = z.object({
  input_tokens: Count,
  cache_read_input_tokens: Count,
  cache_creation_input_tokens: Count,
  output_tokens: Count,
})
type Counts = z.infer<typeof Counts>

const Place = z.int().min(0).max(1_000)

const Event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message_start'), message: z.object({ usage: Counts.optional() }) }),
  z.object({
    type: z.literal('content_block_start'),
    index: Place,
    content_block: z.object({
      type: z.enum(['text', 'thinking', 'redacted_thinking', 'tool_use']),
      text: z.string().default(''),
      thinking: z.string().default(''),
      signature: z.string().default(''),
      data: z.string().default(''),
      id: z.string().default(''),
      name: z.string().default(''),
      input: z.unknown().optional(),
    }),
  }),
  z.object({
    type: z.literal('content_block_delta'),
    index: Place,
    delta: z.object({
      text: z.string().default(''),
      thinking: z.string().default(''),
      signature: z.string().default(''),
      partial_json: z.string().default(''),
    }),
  }),
  z.object({
    type: z.literal('message_delta'),
    delta: z.object({ stop_reason: z.string().nullish() }),
    usage: Counts.optional(),
  }),
  z.object({ type: z.literal('message_stop') }),
])
type Event = z.infer<typeof Event>

export type Heard = {
  readonly blocks: readonly Block[]
  /** The provider's word; null: none came. */
  readonly stop: string | null
  /** Null: it was not said. */
  readonly usage: Usage | null
  /** Whether it came to its end. */
  readonly ended: boolean
}

type Draft = { stop: string | null; counts: Counts; ended: boolean; readonly blocks: Map<number, Block> }

export async function listen(events: AsyncIterable<unknown>): Promise<Heard> {
  const draft: Draft = { stop: null, counts: {}, ended: false, blocks: new Map() }
  for await (const one of events) {
    const event = Event.safeParse(one)
    if (event.success) take(draft, event.data)
  }
  const { blocks, stop, counts, ended } = draft
  return { blocks: [...blocks.values()], stop, usage: usageOf(counts), ended }
}

function take(draft: Draft, event: Event): void {
  switch (event.type) {
    case 'message_start':
      draft.counts = event.message.usage ?? {}
      return
    case 'content_block_start':
      draft.blocks.set(event.index, begun(event.content_block))
      return
    case 'content_block_delta': {
      const block = draft.blocks.get(event.index)
      if (block !== undefined) draft.blocks.set(event.index, longer(block, event.delta))
      return
    }
    case 'message_delta': {
      draft.stop = event.delta.stop_reason ?? draft.stop
      // Totals: what is said again counts instead of what was said first.
      const said = Object.entries(event.usage ?? {}).filter(([, count]) => count !== null && count !== undefined)
      draft.counts = { ...draft.counts, ...Object.fromEntries(said) }
      return
    }
    case 'message_stop':
      draft.ended = true
  }
}

function begun(block: Extract<Event, { type: 'content_block_start' }>['content_block']): Block {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text }
    case 'thinking':
      return { type: 'thinking', thinking: block.thinking, signature: block.signature }
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: block.data }
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: wholeInput(block.input) }
  }
}

/** Mostly empty here, the input follows in pieces. Some servers send it whole. */
function wholeInput(input: unknown): string {
  const isEmpty = typeof input !== 'object' || input === null || Object.keys(input).length === 0
  return isEmpty ? '' : JSON.stringify(input)
}

function longer(block: Block, delta: Extract<Event, { type: 'content_block_delta' }>['delta']): Block {
  switch (block.type) {
    case 'text':
      return { ...block, text: block.text + delta.text }
    case 'thinking':
      return { ...block, thinking: block.thinking + delta.thinking, signature: block.signature + delta.signature }
    case 'redacted_thinking':
      return block
    case 'tool_use':
      return { ...block, input: block.input + delta.partial_json }
  }
}

function usageOf(counts: Counts): Usage | null {
  if (typeof counts.input_tokens !== 'number' || typeof counts.output_tokens !== 'number') return null
  return {
    input: counts.input_tokens,
    cacheRead: counts.cache_read_input_tokens ?? 0,
    cacheWrite: counts.cache_creation_input_tokens ?? 0,
    output: counts.output_tokens,
  }
}
