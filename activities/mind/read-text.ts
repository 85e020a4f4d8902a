// Step 8: the reader, which has no tools, turns the raw text of one turn into typed facts.
import { readExchanges, readInvestigation } from '../../store/investigation.ts'
import { withFacts } from '../reader/facts.ts'
import { readerQuestion } from '../reader/question.ts'
import type { MindActivities } from '../types.ts'
import { exchange, type MindDeps } from './exchange.ts'

/** Without a reader nothing is asked: the planner is told what was left out. Throws what `createAskModel` throws. */
export function createReadText(deps: MindDeps): MindActivities['readText'] {
  return async ({ incident, investigation: number, turn }) => {
    const key = { incident, number, turn }
    const said = (await readExchanges(deps.store, key)).find((one) => one.turn === turn)?.message
    const question = deps.models.reader === null || said === undefined ? null : readerQuestion(said)
    if (question === null || said === undefined) return { kind: 'answered' }
    const investigation = await readInvestigation(deps.store, key)
    return exchange(deps, {
      key,
      tier: 'reader',
      investigation,
      question,
      kept: (reply) => [withFacts(said, reply), 'read'],
    })
  }
}
