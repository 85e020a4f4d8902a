// A streamed answer, put together from whatever a server takes for chunks. What is none is passed over.
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { z } from 'zod'
import type { Usage } from '../../../domain/model.ts'
import type { Drafted } from '../../model-answer.ts'

const Count = z.int().nonnegative()

const Call = z.object({
  index: z.int().min(0).max(1_000).optional(),
  id: z.string().nullish(),
  function: z.object({
    name: z.string().nullish(),
    /** Some give the object itself. */
    arguments: z.union([z.string(), z.looseObject({}).transform((value) => JSON.stringify(value))]).nullish(),
  }),
})
type Call = z.infer<typeof Call>

const Said = z.object({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  /** What it thinks, by the name that local servers give it. */
  reasoning_content: z.string().nullish(),
  tool_calls: z.array(Call).nullish(),
})

const Chunk = z.object({
  choices: z
    .array(z.object({ delta: Said.optional(), message: Said.optional(), finish_reason: z.string().nullish() }))
    .optional(),
  usage: z
    .object({
      prompt_tokens: Count,
      completion_tokens: Count,
      prompt_tokens_details: z.object({ cached_tokens: Count.nullish() }).nullish(),
    })
    .nullish()
    // What is no count was not said.
    .catch(null),
})
type Chunk = z.infer<typeof Chunk>

const Refusal = z.object({
  error: z.union([
    z.string().transform((message) => ({ message, code: null })),
    z.object({ message: z.string(), code: z.unknown().optional() }),
  ]),
})
export type Refusal = { readonly message: string; readonly code?: unknown }

export type Heard = {
  readonly text: string
  readonly thought: string
  readonly calls: readonly Drafted[]
  readonly refused: boolean
  /** The server's word; null: none came. */
  readonly stop: string | null
  /** Null: it was not said. */
  readonly usage: Usage | null
  /** Whether it came to its end. */
  readonly ended: boolean
  /** What went wrong on the way. */
  readonly fault: Refusal | null
}

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] }
type Draft = Writable<Omit<Heard, 'calls'>> & { readonly calls: Writable<Drafted>[] }

const lastWord = '[DONE]'

export async function listen(response: Response): Promise<Heard> {
  const draft: Draft = {
    text: '',
    thought: '',
    calls: [],
    refused: false,
    stop: null,
    usage: null,
    ended: false,
    fault: null,
  }
  const isWhole = response.headers.get('content-type')?.includes('json') === true
  for await (const data of isWhole ? [await response.text()] : eventsOf(response)) {
    if (data === lastWord) draft.ended = true
    else take(draft, data)
  }
  return draft
}

async function* eventsOf({ body }: Response): AsyncGenerator<string> {
  const text = body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  for await (const { data } of text ?? []) yield data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What a server says is wrong, instead of an answer or in the middle of one; null: nothing of the kind. */
export function refusalIn(text: string): Refusal | null {
  return Refusal.safeParse(parsed(text)).data?.error ?? null
}

function take(draft: Draft, text: string): void {
  draft.fault ??= refusalIn(text)
  const chunk = Chunk.safeParse(parsed(text))
  if (!chunk.success) return
  draft.usage = usageOf(chunk.data.usage) ?? draft.usage
  const [choice] = chunk.data.choices ?? []
  if (choice === undefined) return
  const said = choice.delta ?? choice.message
  draft.text += said?.content ?? said?.refusal ?? ''
  draft.thought += said?.reasoning_content ?? ''
  draft.refused ||= typeof said?.refusal === 'string' && said.refusal !== ''
  for (const call of said?.tool_calls ?? []) takeCall(draft, call)
  draft.stop = choice.finish_reason ?? draft.stop
  draft.ended ||= draft.stop !== null
}

/** Pieces of one call share its place; some servers name no place, or the same one for all. */
function takeCall({ calls }: Draft, { index, id, function: { name, arguments: input } }: Call): void {
  const at = index ?? (id || name ? calls.length : calls.length - 1)
  const known = calls[at]
  const isAnother = known !== undefined && Boolean(id) && known.id !== '' && known.id !== id
  if (known === undefined || isAnother) {
    calls.push({ id: id ?? '', name: name ?? '', input: input ?? '' })
    return
  }
  known.id ||= id ?? ''
  known.name ||= name ?? ''
  known.input += input ?? ''
}

/** Its prompt includes what a cache gave. A prompt of no tokens is one that was not counted. */
function usageOf(usage: Chunk['usage']): Usage | null {
  if (usage === null || usage === undefined || usage.prompt_tokens === 0) return null
  const cacheRead = Math.min(usage.prompt_tokens_details?.cached_tokens ?? 0, usage.prompt_tokens)
  return { input: usage.prompt_tokens - cacheRead, cacheRead, cacheWrite: 0, output: usage.completion_tokens }
}
