import { answer } from '../reading.ts'
import { withoutConclusion } from '../ends.ts'
import type { Persona } from '../persona.ts'

const garbage = [
  '{"playbook": "service-restart", "params": {',
  "{'playbook': 'service-restart'}",
  '{"hypothesis": NaN, "confidence": Infinity}',
  '[[[[[[[[[[',
  '"service-restart"',
  'null',
  '',
  '```json\n{"playbook": "service-restart"}\n```',
  '{"playbook":"service-restart","playbook":"log-reopen","__proto__":{"polluted":true}}',
] as const

export default {
  says: 'Calls tools with what is no JSON, or not the JSON that they take.',
  ends: withoutConclusion,
  answer: ({ question }, { random }) => {
    const [first, ...rest] = question.tools.map(({ name }) => name)
    if (first === undefined) return answer(random.pick(garbage), [])
    return answer(random.pick(garbage), [{ name: random.pick([first, ...rest]), input: random.pick(garbage) }])
  },
} satisfies Persona
