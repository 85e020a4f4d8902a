// What is said to raw text by who has no tools: the facts that stand in it, each with a quote.
import type { Heard } from './heard.ts'
import { toldText } from './reading.ts'

const telling = /mismatch|denied|refused|error|failed|killed|no space|emerg/i
const mostFacts = 20
const longestQuote = 160

/** One JSON object, as the reader's prompt wants it. */
export function read(heard: Heard): string {
  let text = 0
  const facts = toldText(heard)
    .split('\n')
    .flatMap((line) => {
      const begins = /^Text (\d+):/.exec(line)
      if (begins !== null) text = Number(begins[1])
      const subject = /[a-z][\w-]{2,}/i.exec(line)?.[0]
      if (begins !== null || text === 0 || subject === undefined || !telling.test(line)) return []
      const quote = line.trim().slice(0, longestQuote)
      return [{ text, kind: 'error', subject, count: 1, first: null, last: null, quote }]
    })
  return JSON.stringify({ facts: facts.slice(0, mostFacts) })
}
