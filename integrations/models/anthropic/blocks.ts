// What a message of Anthropic's protocol is made of, and what of an answer is sent back with the next question.
import { z } from 'zod'
import type { Json } from '../../../domain/canonical-json.ts'
import type { Message, ToolCall } from '../../../domain/model.ts'
import { inputOf } from '../../model-answer.ts'

const Block = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
  z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.string() }),
])
export type Block = z.infer<typeof Block>

const Own = z.object({ model: z.string(), blocks: z.array(Block) })

type Sent = Exclude<Block, { type: 'tool_use' }> | { type: 'tool_use'; id: string; name: string; input: object }

/** What an answer leaves to be sent back: its blocks, in its order, with the ids that its calls go by here. */
export function ownOf(model: string, blocks: readonly Block[], calls: readonly ToolCall[]): Json {
  const ids = calls.map(({ id }) => id)[Symbol.iterator]()
  const kept = blocks.map((block) =>
    block.type === 'tool_use' ? { ...block, id: ids.next().value ?? block.id } : block,
  )
  return { model, blocks: kept.map((block) => ({ ...block })) }
}

/** An earlier answer as it is sent back. Thinking belongs to the model that thought; half of it is not taken. */
export function spoken(message: Extract<Message, { role: 'assistant' }>, model: string): readonly Sent[] {
  const own = Own.safeParse(message.own)
  const blocks = own.success ? own.data.blocks : plainBlocks(message)
  const isSame = own.success && own.data.model === model
  const sent = blocks.flatMap((block): readonly Sent[] => {
    if (block.type === 'tool_use') return [{ ...block, input: objectOf(inputOf(block.input)) }]
    if (block.type === 'text') return block.text.trim() === '' ? [] : [block]
    return isSame && (block.type === 'redacted_thinking' || block.signature !== '') ? [block] : []
  })
  return sent.length === 0 ? [{ type: 'text', text: '(no answer)' }] : sent
}

function plainBlocks({ text, calls }: Extract<Message, { role: 'assistant' }>): readonly Block[] {
  const used = calls.map(({ id, name, input }) => ({ type: 'tool_use' as const, id, name, input: textOf(input) }))
  return [{ type: 'text', text }, ...used]
}

function textOf(input: Json): string {
  return typeof input === 'string' ? input : JSON.stringify(input)
}

/** The protocol takes objects only. */
function objectOf(input: Json): object {
  return typeof input === 'object' && input !== null && !Array.isArray(input) ? input : { unreadable: input }
}
