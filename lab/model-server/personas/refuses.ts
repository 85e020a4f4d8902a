import { refusing } from '../ends.ts'
import type { Persona } from '../persona.ts'

export default {
  says: 'Will not answer.',
  ends: refusing,
  answer: () => ({ kind: 'answer', text: 'I can’t help with that.', calls: [], stop: 'refused' }),
} satisfies Persona
