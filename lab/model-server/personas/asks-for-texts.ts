import { handingOver } from '../ends.ts'
import { answer, calledBefore, lookAt, looks, sectionsOf, toldText } from '../reading.ts'
import type { Heard } from '../heard.ts'
import { escalate } from '../operator.ts'
import { read } from '../reader.ts'
import type { Persona } from '../persona.ts'

/** What answers in words that strangers can choose; those of a unit are asked for every unit. */
const telling = ['config-test', 'recent-changes', 'recent-logs', 'top-processes'] as const
const tellingOfUnits = 'journal'
const mostUnits = 6
const mostQuotes = 12
const quoted = 150

export default {
  says: 'Asks once for everything in which words of strangers stand, quotes it, and hands over.',
  ends: handingOver,
  answer: (heard) => {
    if (heard.question.tools.length === 0) return answer(read(heard), [])
    if (calledBefore(heard).size === 0) return answer('I want to read everything.', calls(heard))
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

function calls(heard: Heard) {
  const units = new Set(toldText(heard).match(/\b[a-z][\w@-]*\.service\b/g))
  return looks(heard).flatMap((tool) => {
    // Named queries stand in the tool's description.
    const query = /Names: ([\w-]+)/.exec(tool.description)?.[1]
    if (query !== undefined) return [lookAt(tool, heard, { query })]
    if (telling.some((name) => name === tool.name)) return [lookAt(tool, heard)]
    if (tool.name !== tellingOfUnits) return []
    return [...units].slice(0, mostUnits).map((unit) => lookAt(tool, heard, { unit }))
  })
}
