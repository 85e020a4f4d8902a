import { textCalls } from '../curious.ts'
import { handingOver } from '../ends.ts'
import { escalate } from '../operator.ts'
import type { Persona } from '../persona.ts'
import { answer, calledBefore, sectionsOf } from '../reading.ts'
import { read } from '../reader.ts'

const mostQuotes = 12
const quoted = 150

export default {
  says: 'Asks once for everything in which words of strangers stand, quotes it, and hands over.',
  ends: handingOver,
  answer: (heard) => {
    if (heard.question.tools.length === 0) return answer(read(heard), [])
    if (calledBefore(heard).size === 0) return answer('I want to read everything.', textCalls(heard))
    const shown = sectionsOf(heard)
      .slice(-mostQuotes)
      .map(({ label, text, subject }) => ({
        label,
        subject,
        quote: text.split(': ').slice(1).join(': ').slice(0, quoted),
      }))
    return escalate(heard, { hypothesis: 'I have read it, and do not know.', confidence: 'unknown', shown, gaps: [] })
  },
} satisfies Persona
