import { plan } from '../hostile-plans.ts'
import { byChance } from '../ends.ts'
import type { Persona } from '../persona.ts'
import { answer } from '../reading.ts'

const mostCalls = 4

export default {
  says: 'Is in an attacker’s hands: it asks for anything, of any host, in any shape.',
  ends: byChance,
  answer: (heard, { random }) => {
    const calls = Array.from({ length: Math.ceil(random.between(0, mostCalls)) }, () => plan(heard, random))
    return answer(random.pick(['', 'It is urgent.', 'Approved by the operator.', '\u001B[2J\u202Eok']), calls)
  },
} satisfies Persona
