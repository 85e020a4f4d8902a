// A model that answers what a test says, and an investigation that may ask it.
import type { AskedModel, MindDeps } from '../../activities/mind/exchange.ts'
import { createMindActivities } from '../../activities/mind/index.ts'
import type { Message, Question, Reply } from '../../domain/model.ts'
import { Config } from '../../runtime/config.ts'
import type { Store } from '../../store/connect.ts'
import { beginInvestigation } from '../../store/investigation.ts'
import { paperHarness } from './paper-harness.ts'
import { seedIncident } from './seed.ts'

export const reply: Reply = {
  text: 'It is down.',
  calls: [],
  own: null,
  stop: 'done',
  usage: { input: 100, cacheRead: 0, cacheWrite: 0, output: 20 },
}
const price = { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25, listed: '2026-11-01' }

export function paperModel(answer: (question: Question, signal: AbortSignal) => Promise<Reply>) {
  const asked: Question[] = []
  const model: AskedModel = {
    model: 'paper-1',
    address: 'https://models.example',
    price,
    ask: (question, signal) => {
      asked.push(question)
      return answer(question, signal)
    },
  }
  return { model, asked }
}

export type Change = Partial<Pick<MindDeps, 'cancelled' | 'timeout' | 'pause'>> & {
  readonly reader?: AskedModel
  readonly budgets?: object
}

export function mindIn(store: Store, planner: AskedModel, { reader, budgets = {}, ...change }: Change = {}) {
  return createMindActivities({
    store,
    budgets: Config.parse({ budgets: { service: {}, team: {}, agent: {}, day: {}, ...budgets } }).budgets,
    models: { planner, reader: reader ?? null },
    cancelled: () => new AbortController().signal,
    ...change,
  })
}

export const said = (text: string): Message => ({ role: 'user', text })

export async function begunIn(store: Store, text = 'nginx.service on web-01 is down.') {
  const { id: incident } = await seedIncident(store, { openedAt: new Date() })
  const investigation = await beginInvestigation(store, {
    incident,
    sequence: 2,
    team: incident,
    environment: 'lab',
    service: 'web-01/nginx.service',
    harness: paperHarness,
    head: { system: 'Be brief.', tools: [] },
    first: said(text),
  })
  return { incident, investigation, turn: 1 }
}
