import { expect, test } from 'vitest'
import type { Diagnosis } from '../../../domain/diagnosis.ts'
import { handOverMarkdown, handOverPack } from '../../../domain/telling/hand-over.ts'
import type { Moment } from '../../../domain/telling/summary.ts'
import type { IncidentRow } from '../../../domain/telling/view.ts'

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
    diagnosis,
    cost,
  },
}
const nothing = { listed: [], left: 0 }

function packOf(moments: readonly Moment[]) {
  const lists = { alerts: nothing, evidence: nothing, runs: nothing }
  return handOverPack({ incident, at, moments, ...lists, commands: [], quarantined: null, looking: [] })
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
