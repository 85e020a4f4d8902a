import { expect, test } from 'vitest'
import type { Diagnosis } from '../../../domain/diagnosis.ts'
import { handOverMarkdown, handOverPack } from '../../../domain/telling/hand-over.ts'
import type { Moment } from '../../../domain/telling/summary.ts'
import type { EvidenceView, IncidentRow, RunView } from '../../../domain/telling/view.ts'

const at = '2026-11-22T03:00:00.000Z'
const incident: IncidentRow = {
  id: 'inc_1',
  number: 7,
  title: 'web-01 answers 403',
  reported: 'BlackboxProbeFailed',
  host: 'web-01',
  environment: 'lab',
  severity: null,
  state: 'handed-over',
  reason: 'novel',
  closedReason: null,
  dryRun: false,
  badge: { word: 'Handed over', tone: 'need', shape: 'hand' },
  says: [],
  openedAt: at,
  updatedAt: at,
  closedAt: null,
  lasted: 0,
  expiresAt: null,
}
const diagnosis: Diagnosis = {
  hypothesis: 'The site may not be read',
  confidence: 'likely',
  for: [{ label: 'e1.4', evidence: 'a'.repeat(64), quote: 'Permission denied' }],
  against: [],
  ruledOut: [],
  gaps: [{ what: 'who changed the folder', why: 'no probe tells' }],
  proposes: { kind: 'person' },
}
const cost = { input: 1, cached: 0, output: 1, dollars: 0, milliseconds: 1 }
const turn: Moment = {
  sequence: 4,
  at,
  entry: {
    kind: 'turn',
    investigation: 1,
    turn: 1,
    model: 'scripted',
    says: '',
    asks: [],
    dropped: [],
    warns: [],
    judged: 'person',
    diagnosis,
    cost,
  },
}
const nothing = { listed: [], left: 0 }

function packOf(moments: readonly Moment[], evidence: readonly EvidenceView[] = [], runs: readonly RunView[] = []) {
  const lists = { alerts: nothing, evidence: { listed: evidence, left: 3 }, runs: { listed: runs, left: 0 } }
  const rest = { commands: [], quarantined: null, looking: [] }
  return handOverPack({ incident, at, moments, target: 'web-01', ...lists, ...rest })
}

function answered(host: string, round: number, unit: string, seen: EvidenceView['seen']): EvidenceView {
  const request = { probe: 'unit-status', params: { unit } }
  const label = `e${round}.0`
  return { id: `${host} ${unit}`, label, round, host, request, takenAt: at, hostClock: at, seen }
}

function state(activeState: string): EvidenceView['seen'] {
  return { status: 'ok', facts: { activeState }, excerpt: '', truncated: false }
}

test('what a model concluded is handed over as its own, with its evidence and its gaps', () => {
  const pack = packOf([turn])

  expect(pack.known).toEqual([
    { says: 'scripted takes for likely: The site may not be read', evidence: null },
    { says: 'For it: e1.4: “Permission denied”', evidence: 'a'.repeat(64) },
  ])
  expect(pack.notSeen).toEqual([{ what: 'who changed the folder', why: 'no probe tells' }])
  expect(handOverMarkdown(pack)).toContain('who changed the folder: no probe tells')
})

test('without a model there is nothing of it', () => {
  expect(packOf([])).toMatchObject({ known: [], notSeen: [] })
})

test('facts of its own host come first, and those of another name it', () => {
  const unseen = { status: 'failed', reason: 'timeout', says: 'It did not answer.' } as const
  const pack = packOf(
    [],
    [
      answered('web-02', 2, 'nginx.service', state('active')),
      answered('web-02', 2, 'ssh.service', unseen),
      answered('web-01', 1, 'nginx.service', state('failed')),
    ],
  )

  expect(pack.known.map(({ says }) => says)).toEqual([
    'unit-status nginx.service: active state failed',
    'unit-status nginx.service on web-02: active state active',
  ])
  expect(pack.notSeen).toEqual([{ what: 'unit-status ssh.service on web-02', why: 'It did not answer.' }])
  expect(pack.left.answers).toBe(3)
})

test('what was seen before a repair is not told as if it were so still', () => {
  const startedAt = '2026-11-22T03:00:01.000Z'
  const outcome = { kind: 'succeeded', tasks: 1, changed: 1 } as const
  const run: RunView = {
    id: 'run_1',
    plan: 'plan_1',
    playbook: 'service-restart',
    host: 'web-01',
    state: 'succeeded',
    outcome,
    startedAt,
    endedAt: startedAt,
    events: [],
    left: 0,
  }
  const seen = answered('web-01', 1, 'nginx.service', state('failed'))

  expect(packOf([], [seen], [run]).known[0]?.says).toBe(
    'unit-status nginx.service, before the last run: active state failed',
  )
})
