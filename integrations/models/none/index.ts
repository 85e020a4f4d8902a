// Nobody is asked: what no signature knows goes to people, as it does without `models`.
import { z } from 'zod'
import { Failure } from '../../../domain/failure.ts'
import type { Model } from '../../model.ts'

const Config = z.strictObject({})

export default {
  config: Config,
  model: () => 'none',
  effort: () => null,
  address: () => null,
  price: () => ({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0, listed: 'config' }),
  ask: () => Promise.reject(new Failure({ code: 'bug', message: 'Nobody is there to be asked.' })),
} satisfies Model<z.infer<typeof Config>>
