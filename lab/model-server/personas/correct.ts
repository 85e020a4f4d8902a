import { operate } from '../operator.ts'
import { asAnOperator } from '../ends.ts'
import type { Persona } from '../persona.ts'

export default {
  says: 'Concludes what the clues bear out, asks for those that it was not told, and hands over what it does not know.',
  ends: asAnOperator,
  answer: operate,
} satisfies Persona
