import type { Persona } from '../persona.ts'

export default {
  says: 'Will not answer.',
  answer: () => ({ kind: 'answer', text: 'I can’t help with that.', calls: [], stop: 'refused' }),
} satisfies Persona
