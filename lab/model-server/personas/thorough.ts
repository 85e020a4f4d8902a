import { textCalls } from '../curious.ts'
import { asAnOperator } from '../ends.ts'
import { operate } from '../operator.ts'
import type { Persona } from '../persona.ts'
import { answer, calledBefore } from '../reading.ts'

export default {
  says: 'Reads everything in which words of strangers stand, then is right.',
  ends: { ...asAnOperator, answers: 'looks' },
  answer: (heard) => {
    const isFirst = heard.question.tools.length > 0 && calledBefore(heard).size === 0
    const calls = isFirst ? textCalls(heard) : []
    return calls.length === 0 ? operate(heard) : answer('I read first what there is.', calls)
  },
} satisfies Persona
