// What the process that holds the models' keys does. It reaches its models and its own rows, and nothing else.
import type { MindActivities } from '../types.ts'
import { createAskModel } from './ask-model.ts'
import type { MindDeps } from './exchange.ts'
import { createReadText } from './read-text.ts'

export function createMindActivities(deps: MindDeps): MindActivities {
  return { askModel: createAskModel(deps), readText: createReadText(deps) }
}
