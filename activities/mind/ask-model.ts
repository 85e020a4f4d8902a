// Step 8: one exchange with the planner. An answer that stands already is not asked for again.
import { Failure } from '../../domain/failure.ts'
import type { Message, Question, Reply } from '../../domain/model.ts'
import { type Exchange, type Investigation, readExchanges, readInvestigation } from '../../store/investigation.ts'
import { withFacts } from '../reader/facts.ts'
import { holdsRaw } from '../reader/raw-texts.ts'
import type { MindActivities } from '../types.ts'
import { exchange, type MindDeps } from './exchange.ts'

/** Of one answer, with what it thinks before it; tokens. */
const maximumOutput = 8_192
/** Bytes of one answer as it is kept: what is said again in every turn is paid again in every turn. */
const longestKept = 16 * maximumOutput

/** Throws `upstream.unavailable`, and `input.not-found` for an investigation that nobody began. */
export function createAskModel(deps: MindDeps): MindActivities['askModel'] {
  return async ({ incident, investigation: number, turn }) => {
    const key = { incident, number, turn }
    const investigation = await readInvestigation(deps.store, key)
    const question = questionOf(investigation, await readExchanges(deps.store, key))
    return exchange(deps, {
      key,
      tier: 'planner',
      investigation,
      question,
      kept: (reply) => [answerOf(reply), 'answer'],
    })
  }
}

/** All but its last message are those of the turn before, byte for byte. */
function questionOf({ head }: Investigation, exchanges: readonly Exchange[]): Question {
  const last = exchanges.at(-1)
  const messages = exchanges.flatMap((one): readonly Message[] => {
    const said = planners(one.read ?? withFacts(one.message, null))
    return one === last || one.answer === null ? [said] : [said, one.answer]
  })
  return { ...head, messages, maximumOutput }
}

/** What strangers wrote is the reader's alone: rather nothing is asked. */
function planners(message: Message): Message {
  if (!holdsRaw(message)) return message
  throw new Failure({ code: 'bug', message: 'Raw text was left in a message to the planner.' })
}

function answerOf({ text, calls, own }: Reply): Message {
  const answer = { role: 'assistant', text, calls, own } as const
  const bytes = Buffer.byteLength(JSON.stringify(answer))
  if (bytes <= longestKept) return answer
  return { role: 'assistant', text: `(${bytes} bytes are left out: too long for an answer)`, calls: [], own: null }
}
