// What a lab's warden and the process that started it say to each other, over Node's channel between parent and child.
import * as z from 'zod'
import { type FailureCode, failureCodes } from '../domain/failure.ts'

/** From the owner. `start` after the state is written; `release`: live on without me, until `lab down`. */
export const ToWarden = z.strictObject({ say: z.enum(['start', 'release', 'stop']) })
export type ToWarden = z.infer<typeof ToWarden>

const FailureDetails = z.strictObject({
  code: z.custom<FailureCode>((code) => typeof code === 'string' && Object.hasOwn(failureCodes, code)),
  message: z.string(),
  hint: z.exactOptional(z.string()),
})

export const FromWarden = z.discriminatedUnion('say', [
  z.strictObject({ say: z.literal('progress'), line: z.string() }),
  z.strictObject({ say: z.literal('up'), timings: z.record(z.string(), z.number()) }),
  z.strictObject({ say: z.literal('failed'), failure: FailureDetails }),
])
export type FromWarden = z.infer<typeof FromWarden>
