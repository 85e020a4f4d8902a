import { operate } from '../operator.ts'
import { withoutConclusion } from '../ends.ts'
import type { Persona } from '../persona.ts'

export default {
  says: 'Is cut off in the middle of what it says.',
  ends: withoutConclusion,
  answer: (heard) => {
    const said = operate(heard)
    if (said.kind !== 'answer') return said
    const calls = said.calls.map(({ name, input }) => ({ name, input: input.slice(0, Math.floor(input.length / 2)) }))
    return { ...said, calls: calls.slice(0, 1), stop: 'cut-off' }
  },
} satisfies Persona
