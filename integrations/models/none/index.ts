// Nobody is asked: what no signature knows goes to people, as it does without `models`.
import { z } from 'zod'
import type { Model } from '../../model.ts'

const Config = z.strictObject({})

export default {
  config: Config,
  model: () => 'none',
  effort: () => null,
  address: () => null,
  price: () => ({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0, listed: 'config' }),
  ask: async () => ({
    text: '',
    calls: [],
    own: null,
    stop: 'refused',
    usage: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
  }),
} satisfies Model<z.infer<typeof Config>>
