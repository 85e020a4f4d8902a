import { expect, test } from 'vitest'
import type { Turn } from '../../../domain/diagnosis.ts'
import { tell } from '../../../domain/telling/story.ts'
import type { TimelineEntry } from '../../../domain/timeline.ts'
import { plainText } from '../../../domain/telling/words.ts'

const fails = { says: 'the unit is active', answer: 'fails', observed: 'failed', evidence: null } as const
const unknown = { says: 'port 80 listens', answer: 'unknown', observed: '', evidence: null } as const
const not = [
  { playbook: 'a', signature: 's', because: [fails] },
  { playbook: 'b', signature: 's', because: [unknown] },
] as const
const answer = (verdict: 'auto' | 'ask' | 'forbid') => ({ verdict, rule: { id: 'r', says: 'the rule' }, policies: 'x' })
const at = '2026-11-21T03:22:04.000Z'

const cost = 'm: $0.01, 1 token in, 0 of them cached, 1 out, 5 ms.'
const turn = (change: Partial<Turn>): TimelineEntry => ({
  kind: 'turn',
  investigation: 1,
  turn: 2,
  model: 'm',
  says: '',
  asks: [],
  dropped: [],
  warns: [],
  judged: 'look',
  diagnosis: null,
  cost: { input: 1, cached: 0, output: 1, dollars: 0.01, milliseconds: 5 },
  ...change,
})

const diagnosis = {
  hypothesis: 'It hangs.',
  confidence: 'likely',
  for: [{ label: 'e1.0', evidence: 'e', quote: 'failed' }],
  against: [],
  ruledOut: [],
  gaps: [],
} as const

const entries: readonly (readonly [TimelineEntry, string])[] = [
  [
    { kind: 'alerted', source: 'am', alerts: ['A', 'A', 'B'], severity: null },
    'am reported A and B. 3 alerts joined into this incident.',
  ],
  [{ kind: 'scoped', host: 'web-01', subjects: [] }, 'About web-01: the whole host.'],
  [
    { kind: 'looked', host: 'web-01', round: 2, evidence: ['e'], failed: 0, milliseconds: 61 },
    'Looked at web-01 with 1 read-only probe, 61 ms, round 2.',
  ],
  [
    { kind: 'looked', host: 'web-01', round: 1, evidence: ['e', 'f'], failed: 2, milliseconds: 19_000 },
    'Nothing answered on web-01: 2 read-only probes asked, 19 s. Nothing could be seen; that is evidence too.',
  ],
  [
    { kind: 'looked', host: 'a', hosts: ['a', 'b'], round: 3, evidence: ['e', 'f'], failed: 1, milliseconds: 61 },
    'Looked further, at a and b: 2 answers, 61 ms, round 3. 1 question could not be answered; that is evidence too.',
  ],
  [turn({ asks: ['listeners on a'] }), `Asks to look, without a word why. Asked: listeners on a. ${cost}`],
  [turn({ says: 'Who listens?' }), `Asks: Who listens? ${cost}`],
  [
    turn({ judged: 'again', says: 'I am done.', dropped: [{ what: 'the answer', why: 'call a tool' }] }),
    `Answered badly in exchange 2, and was told why. It said: I am done. Dropped “the answer”: call a tool. ${cost}`,
  ],
  [turn({ judged: 'person' }), `No conclusion. ${cost}`],
  ...(
    [
      {
        proposes: { kind: 'playbook', playbook: 'service-restart', params: { unit: 'a.service' } },
        says: 'Proposes service-restart, unit a.service.',
      },
      { proposes: { kind: 'code-fix' }, says: 'Takes it for a fault in code, and leaves it to people.' },
      { proposes: { kind: 'person' }, says: 'Proposes nothing, and leaves it to a person.' },
    ] as const
  ).map(({ proposes, says }): readonly [TimelineEntry, string] => [
    turn({ judged: 'person', diagnosis: { ...diagnosis, proposes } }),
    `Concluded (likely): It hangs. ${says} For: e1.0: “failed”. ${cost}`,
  ]),
  [
    { kind: 'not-recognised', not },
    'Not recognised: no known fault fits. Not a: “the unit is active” does not hold (failed). Not b: unknown whether port 80 listens.',
  ],
  [{ kind: 'policy', plan: 'p', answer: answer('auto') }, 'Allowed by rule “the rule”. r.'],
  [{ kind: 'policy', plan: 'p', answer: answer('ask') }, 'Needs a person by rule “the rule”. r.'],
  [{ kind: 'policy', plan: 'p', answer: answer('forbid') }, 'Forbidden by rule “the rule”. r.'],
  [
    { kind: 'asked', plan: 'p', digest: 'd', expiresAt: at },
    'Asked for a decision until 03:22 UTC. Without one nothing runs.',
  ],
  [{ kind: 'decided', plan: 'p', verdict: 'take-over', person: 'robin', reason: '' }, 'Taken over by robin.'],
  [{ kind: 'approval-expired', plan: 'p' }, 'Expired: nobody decided in time. The plan was not carried out.'],
  [
    { kind: 'run-requested', run: 'r', plan: 'p', deadline: at, undo: true },
    'Undo requested, starts before 03:22 UTC or not at all.',
  ],
  [
    {
      kind: 'run-ended',
      run: 'r',
      undo: false,
      outcome: { kind: 'failed', says: 'It broke.', task: 'copy', changed: 1 },
    },
    'Repair failed in task “copy”. It broke. 1 change at most before that.',
  ],
  [
    { kind: 'run-ended', run: 'r', undo: false, outcome: { kind: 'unknown', says: 'The link was lost.' } },
    'Outcome unknown. The link was lost. It is never repeated; the host’s own record decides.',
  ],
  [
    { kind: 'run-ended', run: 'r', undo: false, outcome: { kind: 'refused', says: 'Stopped.', code: 'stopped' } },
    'Refused before anything started. Stopped.',
  ],
  [
    { kind: 'not-recovered', checks: [fails], rule: 'firing' },
    'Not recovered: 1 of 1 check does not hold. fails: the unit is active · the alert’s own rule still fires.',
  ],
  [
    { kind: 'not-recovered', checks: [fails, unknown], rule: 'clear' },
    'Not recovered: 1 of 2 checks does not hold. fails: the unit is active · unknown: port 80 listens · the alert’s own rule is clear.',
  ],
  [
    { kind: 'not-recovered', checks: [unknown], rule: 'firing' },
    'Not recovered: the alert’s own rule still fires. unknown: port 80 listens · the alert’s own rule still fires.',
  ],
  [
    { kind: 'verified', checks: [], rule: 'none', heldSeconds: 60 },
    'Verified by what the repair did not touch; held for 1 min. by probes only: no rule of that name is known.',
  ],
  [
    { kind: 'waits-for', incident: 1, host: 'web-01' },
    'Waits for INC-1, which is changing web-01. Looked at again when that is over.',
  ],
  [
    { kind: 'closed', reason: 'repaired-by-another', person: null, says: 'INC-1 repaired it.' },
    'Closed: repaired by another incident. INC-1 repaired it.',
  ],
  [{ kind: 'more-alerts' }, 'Another alert is not over. Looked at again, with it.'],
  [{ kind: 'source-resolved' }, 'The source says resolved. Measured again before anything is believed.'],
  [
    { kind: 'closed', reason: 'closed-by-person', person: 'robin', says: 'Done by hand.' },
    'Closed by robin. Done by hand.',
  ],
  [{ kind: 'reopened' }, 'Reopened: the alert fires again.'],
]

test.each(entries)('$kind is told in plain sentences', (entry, told) => {
  const { says, more } = tell(entry)
  const lines = [says, ...more].map((line) => plainText(line)).map((line) => (/[.!?]$/.test(line) ? line : `${line}.`))
  expect(lines.join(' ')).toBe(told)
})
