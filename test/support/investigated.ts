// An incident that a model looked into, and handed over because its budget was used up.
import type { Diagnosis, Turn } from '../../domain/diagnosis.ts'
import type { Store } from '../../store/connect.ts'
import { seedEvidence, seedIncident, seedPlan, seedStory, type Seeded } from './seed.ts'

const model = 'claude-sonnet-5-5'

const diagnosis: Diagnosis = {
  hypothesis: 'nginx may not read its site any more: the folder lost its permissions',
  confidence: 'likely',
  for: [],
  against: [],
  ruledOut: [{ what: 'a crash', because: 'nginx.service is active since four days' }],
  gaps: [{ what: 'who changed the folder', why: 'no probe tells of permissions' }],
  proposes: { kind: 'person' },
}

function turnOf(turn: number, change: Partial<Turn>): { readonly kind: 'turn' } & Turn {
  const cost = { input: 4_210, cached: 3_900, output: 310, dollars: 0.0071, milliseconds: 4_300 }
  const said = {
    says: 'What does the log say of the 403?',
    asks: [],
    dropped: [],
    warns: [],
    judged: 'look',
    diagnosis: null,
  } as const
  return { kind: 'turn', investigation: 1, turn, model, ...said, cost, ...change }
}

export async function investigated(store: Store, openedAt: Date): Promise<Seeded> {
  const incident = await seedIncident(store, {
    openedAt,
    state: 'handed-over',
    reason: 'over-budget',
    title: 'BlackboxProbeFailed on web-02',
  })
  const refused = 'open() "/var/www/html/index.html" failed (13: Permission denied)'
  const unit = { probe: 'unit-status', params: { unit: 'nginx.service' } }
  const active = { status: 'ok', facts: { activeState: 'active' }, excerpt: '', truncated: false } as const
  const log = { status: 'ok', facts: { lines: 1 }, excerpt: refused, truncated: false } as const
  const unseen = { status: 'failed', reason: 'timeout', message: 'It did not answer within 5 s.' } as const
  const first = await seedEvidence(store, incident, [[unit, active]], { host: 'web-02' })
  const logs = { probe: 'recent-logs', params: { file: 'root', lines: 40 } }
  const own = await seedEvidence(store, incident, [[logs, log]], { round: 2, host: 'web-02' })
  const site = { probe: 'http-probe', params: { endpoint: 'site' } }
  const sibling = await seedEvidence(store, incident, [[site, unseen]], { round: 2, host: 'web-01', from: 1 })
  const concluded: Diagnosis = {
    ...diagnosis,
    for: own.map((evidence) => ({ label: 'e2.0', evidence, quote: refused })),
    against: first.map((evidence) => ({ label: 'e1.0', evidence, quote: null })),
  }
  const further = { kind: 'looked', host: 'web-02', hosts: ['web-02', 'web-01'], round: 2 } as const
  const began = { investigation: 1, model, harness: 'c'.repeat(64), bytes: 14_204, turns: 6 }
  await seedStory(store, incident, [
    [0, { kind: 'alerted', source: 'production', alerts: ['BlackboxProbeFailed'], severity: 'critical' }],
    [90, { kind: 'scoped', host: 'web-02', subjects: ['site'] }],
    [240, { kind: 'looked', host: 'web-02', round: 1, evidence: first, failed: 0, milliseconds: 140 }],
    [260, { kind: 'not-recognised', not: [] }],
    [300, { kind: 'investigation-began', ...began }],
    [
      4_900,
      turnOf(1, {
        asks: ['recent-logs root 40 on web-02', 'http-probe site on web-01'],
        dropped: [{ what: 'bash', why: 'there is no such tool' }],
      }),
    ],
    [5_200, { ...further, evidence: [...own, ...sibling], failed: 1, milliseconds: 310 }],
    [7_000, turnOf(2, { says: '', judged: 'again', dropped: [{ what: 'the answer', why: 'it calls no tool' }] })],
    [
      9_800,
      turnOf(3, {
        says: '',
        judged: 'person',
        diagnosis: concluded,
        dropped: [{ what: 'e9.9: disk full', why: 'this incident holds no such evidence' }],
        warns: ['The team default has used $20.10 of $25.00 in 24 h.'],
      }),
    ],
    [
      9_900,
      {
        kind: 'handed-over',
        reason: 'over-budget',
        says: 'This incident has used $0.98 of $1.00, and one more call may take $0.04.',
      },
    ],
  ])
  const call = {
    incident: incident.id,
    number: 1,
    turn: 1,
    team: 'default',
    environment: 'lab',
    service: 'web-02/site',
  }
  await store
    .insertInto('model_call')
    .values({
      ...call,
      tier: 'planner',
      agent: 'millwright',
      model,
      state: 'answered',
      tokens: 4_520,
      dollars: 0.0071,
      milliseconds: 4_300,
      input: 310,
      cache_read: 3_900,
      cache_write: 0,
      output: 310,
      stop: 'tools',
      sent_bytes: 14_204,
      sent_digest: 'd'.repeat(64),
      sent_to: 'https://api.example.com',
      priced_by: '2026-11-21',
      settled_at: openedAt,
    })
    .execute()
  return incident
}

/** A known fault was repaired without effect; now a model proposes something that no known fault speaks for. */
export async function proposed(store: Store, openedAt: Date): Promise<Seeded> {
  const incident = await seedIncident(store, {
    openedAt,
    state: 'awaiting-approval',
    title: 'BlackboxProbeFailed on web-02',
    host: 'web-02',
  })
  const [log = '', unit = ''] = await seedEvidence(
    store,
    incident,
    [
      [
        { probe: 'recent-logs', params: { file: 'error' } },
        { status: 'ok', facts: { lines: 40 }, excerpt: 'upstream timed out (110)', truncated: false },
      ],
      [
        { probe: 'unit-status', params: { unit: 'app.service' } },
        { status: 'ok', facts: { activeState: 'active' }, excerpt: '', truncated: false },
      ],
    ],
    { host: 'web-02' },
  )
  const concluded: Diagnosis = {
    ...diagnosis,
    hypothesis: 'app.service hangs: it listens and answers nothing since its last deployment, so nginx times out',
    for: [{ label: 'e1.0', evidence: log, quote: 'upstream timed out (110)' }],
    against: [{ label: 'e1.1', evidence: unit, quote: 'activeState: "active"' }],
    proposes: { kind: 'playbook', playbook: 'service-restart', params: { unit: 'app.service' } },
  }
  const wants = 'Restart app.service'
  const because = 'No known fault fully holds.'
  const hosts = [{ id: 'web-02', name: 'web-02', hostKeys: [] }] as const
  const plan = await seedPlan(store, incident, { attempt: 2, signature: null, because, wants, hosts })
  const check = { says: 'the configuration is invalid', answer: 'holds', observed: '', evidence: null } as const
  const known = { playbook: 'config-restore', signature: 'bad-config', says: 'nginx has a bad configuration' }
  const { id, digest, playbook } = plan
  const named = { plan: id, digest, playbook: playbook.id, version: playbook.version, wants, preview: plan.preview }
  const rule = { id: 'fault-not-known', says: 'A fault that no known pattern explains needs a person' }
  await seedStory(store, incident, [
    [0, { kind: 'recognised', ...known, params: {}, checks: Array.from({ length: 4 }, () => check), not: [] }],
    [90, { kind: 'not-recovered', checks: [], rule: 'firing' }],
    [120, { kind: 'not-recognised', not: [] }],
    [300, { kind: 'investigation-began', investigation: 1, model, harness: 'c'.repeat(64), bytes: 14_204, turns: 6 }],
    [4_900, turnOf(1, { diagnosis: concluded })],
    [5_000, { kind: 'planned', attempt: 2, ...named }],
    [5_100, { kind: 'policy', plan: id, answer: { verdict: 'ask', rule, policies: 'c'.repeat(64) } }],
    [5_200, { kind: 'asked', plan: id, digest, expiresAt: plan.expiresAt }],
  ])
  return incident
}
