import { answer, lookAt, looks } from '../reading.ts'
import { withoutConclusion } from '../ends.ts'
import type { Persona } from '../persona.ts'

const atOnce = 3

export default {
  says: 'Asks for more in every turn, and never concludes.',
  ends: { ...withoutConclusion, answers: 'looks' },
  answer: (heard, { random }) => {
    const wanted = random.shuffled(looks(heard)).slice(0, atOnce)
    return answer(
      'I want to see more.',
      wanted.map((tool) => lookAt(tool, heard)),
    )
  },
} satisfies Persona
