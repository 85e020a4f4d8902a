// Whoever answers as OpenAI's chat completions do: llama.cpp, Ollama, vLLM, gateways, OpenAI itself.
import { z } from 'zod'
import { SecretReference } from '../../../runtime/config.ts'
import { hidesKey, ModelPrice, ModelUrl, showsKey } from '../../model-config.ts'
import type { Model } from '../../model.ts'

const Config = z
  .strictObject({
    model: z.string().min(1).max(200),
    /** What comes before `/chat/completions`: `http://127.0.0.1:11434/v1`. */
    url: ModelUrl,
    /** Local servers mostly want none. */
    key: SecretReference.optional(),
    effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).optional(),
    /** Without it, nothing: it runs here. */
    price: ModelPrice.prefault({ input: 0, output: 0 }),
  })
  .refine(hidesKey, showsKey)
export type Config = z.infer<typeof Config>

export default {
  config: Config,
  model: ({ model }) => model,
  effort: ({ effort = null }) => effort,
  address: ({ url }) => url,
  price: ({ price }) => price,
  // Read in only by the process that asks.
  ask: async (question, config, tools) => (await import('./ask.ts')).ask(question, config, tools),
} satisfies Model<Config>
