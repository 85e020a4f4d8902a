// Anthropic's models, and whoever speaks their protocol.
import { z } from 'zod'
import type { Price } from '../../../domain/model.ts'
import { SecretReference } from '../../../runtime/config.ts'
import { hidesKey, ModelPrice, ModelUrl, showsKey } from '../../model-config.ts'
import type { Model } from '../../model.ts'
import { priceOf, pricedModels } from './prices.ts'

const Config = z
  .strictObject({
    model: z.string().min(1).max(100),
    key: SecretReference,
    url: ModelUrl.default('https://api.anthropic.com'),
    /** How hard it thinks; without it as its provider thinks best. */
    effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
    /** Instead of the list that comes with Millwright. */
    price: ModelPrice.optional(),
  })
  .refine(hidesKey, showsKey)
  .refine(({ model, price }) => price !== undefined || priceOf(model) !== null, {
    path: ['model'],
    message: `has no price that is known; known are ${pricedModels.join(', ')}. Or say what it costs with \`price\``,
  })
export type Config = z.infer<typeof Config>

/** As if each token cost nothing: no config without a price gets this far. */
const free: Price = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, listed: 'config' }

export default {
  config: Config,
  model: ({ model }) => model,
  effort: ({ effort = null }) => effort,
  address: ({ url }) => url,
  price: ({ model, price = priceOf(model) ?? free }) => price,
  // The library is read in only by the process that asks.
  ask: async (question, config, tools) => (await import('./ask.ts')).ask(question, config, tools),
} satisfies Model<Config>
