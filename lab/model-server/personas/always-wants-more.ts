import { answer, call, inputFor } from '../reading.ts'
import { withoutConclusion } from '../ends.ts'
import type { Persona } from '../persona.ts'

const ends = new Set(['propose_remediation', 'propose_code_fix', 'escalate'])
const atOnce = 3

export default {
  says: 'Asks for more in every turn, and never concludes.',
  ends: { ...withoutConclusion, answers: 'looks' },
  answer: (heard, { random }) => {
    const looking = heard.question.tools.filter(({ name }) => !ends.has(name))
    const calls = random.shuffled(looking).slice(0, atOnce)
    return answer(
      'I want to see more.',
      calls.map((tool) => call(tool.name, inputFor(tool, heard))),
    )
  },
} satisfies Persona
