// An investigation as it stands after its one turn.
import { Config } from '../../runtime/config.ts'
import type { Store } from '../../store/connect.ts'
import { beginInvestigation, putMessage, putTurn } from '../../store/investigation.ts'
import { reserveCall } from '../../store/model-call.ts'
import { paperHarness } from './paper-harness.ts'
import type { Seeded } from './seed.ts'

/** A model was asked, has answered, and was paid. */
export async function seedInvestigation(store: Store, { id: incident, openedAt }: Seeded): Promise<void> {
  const of = { team: 'default', environment: 'default', service: 'web-01/nginx.service' }
  const head = { system: 'Be brief.', tools: [] }
  const first = { role: 'user', text: 'What is wrong?' } as const
  const number = await beginInvestigation(store, { ...of, incident, sequence: 2, harness: paperHarness, head, first })
  const turn = { incident, number, turn: 1 }
  await putMessage(store, turn, { role: 'assistant', text: 'Nobody knows.', calls: [], own: null }, 'answer')
  const cost = { input: 0, cached: 0, output: 0, dollars: 0, milliseconds: 0 }
  const told = {
    investigation: number,
    turn: 1,
    model: 'paper-1',
    says: 'Nobody knows.',
    asks: [],
    dropped: [],
    warns: [],
    judged: 'person',
  } as const
  const judged = { kind: 'person', says: 'Nobody knows.' } as const
  await putTurn(store, turn, { judged: { judged, turn: { ...told, diagnosis: null, cost } }, asks: [] })
  await seedCall(store, incident, openedAt)
}

async function seedCall(store: Store, incident: string, at: Date): Promise<void> {
  const key = { incident, number: 1, turn: 1, tier: 'planner', agent: 'millwright', model: 'paper-1' } as const
  const of = { team: 'default', environment: 'default', service: 'web-01/nginx.service' }
  const sent = { bytes: 1, digest: 'd', to: '' }
  const worst = { tokens: 1, dollars: 0.01, milliseconds: 1 }
  await reserveCall(store, { ...key, ...of, worst, sent, pricedBy: '2026-11-01' }, Config.parse({}).budgets)
  await store.updateTable('model_call').set({ reserved_at: at }).where('incident', '=', incident).execute()
}
