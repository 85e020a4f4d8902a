import { unreachable } from '../ends.ts'
import type { Persona } from '../persona.ts'

const troubles = [429, 529, 500] as const

export default {
  says: 'Has no time now: too many requests, overloaded, out of order, and so on for ever.',
  ends: unreachable,
  answer: (_heard, { again }) => ({
    kind: 'trouble',
    status: troubles[again % troubles.length] ?? 500,
    retryAfterSeconds: 1,
  }),
} satisfies Persona
