// How many tokens a call is counted with: what its provider says, as far as that can be.
import type { Question, Reply, Usage } from '../../domain/model.ts'
import { tokensOf } from '../../domain/price.ts'
import { estimatedUsage } from '../../integrations/model-answer.ts'

/** What a provider adds to a question by itself, such as its own words about tools, tokens. */
const addedTokens = 1_000
/** Fewer tokens than this makes of a text were never counted: several times what any model puts into one, bytes. */
const mostBytesPerToken = 16

/** Tokens. */
export type Most = { readonly input: number; readonly output: number }

/**
 * What a question may come to. Every token of every tokenizer stands for one byte at least, so it has no more of them
 * than bytes. `sent`: it in canonical JSON.
 */
export function mostOf(sent: string, { maximumOutput }: Question): Most {
  return { input: Buffer.byteLength(sent) + addedTokens, output: maximumOutput }
}

/** Never more than was reserved, whatever was said; an estimate where it is far less than what was sent or heard. */
export function countedUsage({ usage, text, calls }: Reply, sent: string, most: Most): Usage {
  const heard = text + calls.map(({ name, input }) => name + JSON.stringify(input)).join('')
  const estimate = estimatedUsage(sent, heard)
  const input = tokensOf(usage) - usage.output
  const isInput = canBe(input, sent, most.input)
  const isOutput = canBe(usage.output, heard, most.output)
  if (isInput && isOutput) return usage
  return {
    ...(isInput ? usage : { input: within(input, estimate.input, most.input), cacheRead: 0, cacheWrite: 0 }),
    output: isOutput ? usage.output : within(usage.output, estimate.output, most.output),
    estimated: true,
  }
}

function canBe(tokens: number, text: string, most: number): boolean {
  return tokens <= most && tokens >= Buffer.byteLength(text) / mostBytesPerToken
}

function within(said: number, estimate: number, most: number): number {
  return Math.min(Math.max(said, estimate), most)
}
