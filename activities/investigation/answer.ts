// The border of a model's answer: closed schemas of what it may write into each tool. Nothing here decides anything.
// Citations are texts and not objects: three tools carry them in every request, and small models write them better.
import { z } from 'zod'
import { confidences } from '../../domain/diagnosis.ts'
import { withoutBrackets } from '../../domain/fence.ts'

const Said = z.string().max(600)
const list = z.array(Said).max(10)

/** What every ending says. */
export const Conclusion = z.strictObject({
  hypothesis: Said,
  confidence: z.enum(confidences),
  for: list.describe('"LABEL: words that stand in it"'),
  against: list.default([]),
  ruled_out: list.default([]).describe('"what: why not"'),
  gaps: list.default([]).describe('"what you could not see: why"'),
})
export type Conclusion = z.infer<typeof Conclusion>

/** `params`: only those of which the inventory offers several values. */
export const Remediation = Conclusion.extend({
  playbook: z.string().max(63),
  params: z.record(z.string().max(63), z.union([z.string().max(256), z.number(), z.boolean()])).default({}),
})
export type Remediation = z.infer<typeof Remediation>

/** A query of the profile. */
export const Query = z.strictObject({
  query: z.string().max(63),
  contains: z.string().min(1).max(80).optional(),
  minutes: z.int().min(1).max(1_440).default(60),
})

export const Fields = z.record(z.string(), z.unknown())

/** Parameters of a probe, once its own schema has taken them. */
export const Params = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))

const longestReason = 200

/** What is wrong with an answer, in words for the model. Names of fields are the model's own. */
export function reasonOf({ issues }: z.ZodError): string {
  const says = issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
  return withoutBrackets(says.join('; ')).slice(0, longestReason)
}
