import { operate } from '../operator.ts'
import { asAnOperator } from '../ends.ts'
import type { Persona } from '../persona.ts'

export default {
  says: 'Is right, and takes its time.',
  ends: asAnOperator,
  answer: operate,
  latency: { firstMilliseconds: 4_000, perTokenMilliseconds: 40 },
} satisfies Persona
