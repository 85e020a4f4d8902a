import { escalate } from '../operator.ts'
import { handingOver } from '../ends.ts'
import type { Persona } from '../persona.ts'
import { answer } from '../reading.ts'
import { read } from '../reader.ts'
import curious from './always-wants-more.ts'

const turns = 2

export default {
  says: 'Asks for more in two turns, and hands over in the third.',
  ends: handingOver,
  answer: (heard, asked) => {
    const { messages, tools } = heard.question
    if (tools.length === 0) return answer(read(heard), [])
    if (messages.filter(({ role }) => role === 'assistant').length < turns) return curious.answer(heard, asked)
    return escalate(heard, { hypothesis: 'I do not know.', confidence: 'unknown', shown: [], gaps: [] })
  },
} satisfies Persona
