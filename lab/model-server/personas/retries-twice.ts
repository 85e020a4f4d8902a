import { operate } from '../operator.ts'
import { asAnOperator } from '../ends.ts'
import type { Persona } from '../persona.ts'

const troubles = [429, 529] as const

export default {
  says: 'Has no time the first two times that it is asked something, and is right the third time.',
  ends: asAnOperator,
  answer: (heard, { again }) => {
    const status = troubles[again]
    return status === undefined ? operate(heard) : { kind: 'trouble', status, retryAfterSeconds: 1 }
  },
} satisfies Persona
