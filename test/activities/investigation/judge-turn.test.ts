// One answer of a model, judged against what was recorded and shown.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBeginInvestigation } from '../../../activities/begin-investigation.ts'
import { createJudgeTurn } from '../../../activities/judge-turn.ts'
import { loadCatalogue } from '../../../catalogue/load.ts'
import type { Json } from '../../../domain/canonical-json.ts'
import type { TimelineEntry } from '../../../domain/timeline.ts'
import { loadPolicies } from '../../../policies/evaluate.ts'
import { loadProbes } from '../../../probes/load.ts'
import { Config } from '../../../runtime/config.ts'
import { redactText } from '../../../runtime/redaction.ts'
import { putMessage, readExchanges } from '../../../store/investigation.ts'
import { testStore, type TestStore } from '../../support/postgres.ts'
import { seedEvidence, seedIncident } from '../../support/seed.ts'
import { crashed, web } from '../looking.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

const probes = await loadProbes()
const catalogue = await loadCatalogue({
  dir: join(import.meta.dirname, '../../../playbooks'),
  modes: { 'service-restart': { lab: 'suggest' } },
})
const unit = { unit: 'nginx.service' }
const journal = { status: 'ok', facts: { lines: 1, errors: 1 }, excerpt: 'bind failed', truncated: false } as const

/** An incident whose model was shown a failed unit and one line of its journal, and answered so. */
async function judged({
  reader,
  tool,
  input,
}: {
  readonly reader: boolean
  readonly tool: string
  readonly input: Json
}) {
  const incident = await seedIncident(db.store, { openedAt: new Date(), state: 'investigating' })
  await db.store
    .updateTable('alert')
    .set({ subjects: JSON.stringify([{ kind: 'unit', name: unit.unit }]) })
    .where('incident', '=', incident.id)
    .execute()
  await seedEvidence(db.store, incident, [
    [
      { probe: 'unit-status', params: unit },
      { status: 'ok', facts: crashed['unit-status'], excerpt: '', truncated: false },
    ],
    [{ probe: 'journal', params: { ...unit, lines: 40 } }, journal],
    [
      { probe: 'config-test', params: unit },
      { status: 'failed', reason: 'timeout', message: 'it took too long' },
    ],
  ])
  const deps = {
    store: db.store,
    catalogue: () => catalogue,
    inventory: () => ({ digest: 'i', hosts: [web] }),
    policies: () => loadPolicies(),
    probes,
    config: Config.parse({}),
    models: { planner: { model: 'a-model', effort: null }, reader: reader ? { model: 'a-reader' } : null },
    now: () => new Date(),
    notifiers: [],
    url: 'https://ops.test',
    redact: redactText,
  }
  await createBeginInvestigation(deps)({ incident: incident.id, round: 1, sequence: 1 })
  const key = { incident: incident.id, number: 1, turn: 1 }
  const answer = { role: 'assistant', text: '', calls: [{ id: 'a', name: tool, input }], own: null } as const
  await putMessage(db.store, key, answer, 'answer')
  const sent = { sent_bytes: 1, sent_digest: 'd'.repeat(64), sent_to: '', priced_by: 'config' }
  const of = {
    team: 'default',
    environment: 'lab',
    service: 's',
    agent: 'a',
    model: 'a-model',
    tier: 'planner',
  } as const
  const used = { tokens: 1, dollars: 0, milliseconds: 1, input: 1, cache_read: 0, cache_write: 0, output: 1 }
  await db.store
    .insertInto('model_call')
    .values({ ...key, ...of, ...sent, ...used, state: 'answered', stop: 'tools' })
    .execute()
  const concluded = await createJudgeTurn(deps)({
    incident: incident.id,
    investigation: 1,
    turn: 1,
    round: 1,
    sequence: 2,
    left: 3,
  })
  const row = await db.store
    .selectFrom('timeline')
    .select('entry')
    .where('incident', '=', incident.id)
    .where('sequence', '=', 2)
    .executeTakeFirstOrThrow()
  const entry: TimelineEntry = row.entry
  if (entry.kind !== 'turn') throw new Error(`${entry.kind} is no turn`)
  const [first] = await readExchanges(db.store, key)
  return { concluded, turn: entry, shown: first?.message.role === 'user' ? first.message.text : '' }
}

const conclusion = { hypothesis: 'It crashed', confidence: 'certain', playbook: 'service-restart' } as const

test.each(['e1.0: activeState: "failed"', 'e1.0: unit-status nginx.service: result: "signal"', 'e1.1: bind failed'])(
  'quotes what was recorded, or what it was shown of it: %j',
  async (quote) => {
    const input = { ...conclusion, for: [quote] }
    const { concluded, turn, shown } = await judged({ reader: false, tool: 'propose_remediation', input })
    expect(shown).toContain(quote.slice('e1.0: '.length))
    expect(turn.dropped).toEqual([])
    expect(concluded).toMatchObject({ kind: 'remediate', playbook: 'service-restart' })
  },
)

test('that a host did not answer can be quoted as it was shown, and bears out no proposal', async () => {
  const input = { ...conclusion, for: ['e1.2: NOT SEEN (timeout): it took too long'] }
  const { concluded, turn } = await judged({ reader: false, tool: 'propose_remediation', input })
  expect(concluded).toEqual({ kind: 'again' })
  expect(turn.dropped).toEqual([{ what: 'the answer', why: expect.stringContaining('words that stand in it') }])
})

test('what no reader could read is a gap of whatever is concluded, and is told', async () => {
  const input = { hypothesis: 'It crashed', confidence: 'likely', for: ['e1.0: activeState: "failed"'] }
  const { turn } = await judged({ reader: true, tool: 'escalate', input })
  const unread = { what: 'lines of logs', why: 'the reader could not read them' }
  expect(turn.dropped).toContainEqual(unread)
  expect(turn.diagnosis?.gaps).toContainEqual(unread)
  const other = await judged({ reader: false, tool: 'escalate', input })
  expect(other.turn.diagnosis?.gaps).toEqual([])
})
