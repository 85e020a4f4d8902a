// What a plan may touch is filled in from what was measured, and a host that answers nonsense gets no plan.
import { expect, test } from 'vitest'
import { freeze } from '../../activities/freeze.ts'
import type { Evidence, Facts } from '../../domain/evidence.ts'
import { samplePlaybook } from '../support/sample-playbook.ts'
import { deafHost as host } from './run-world.ts'

const hogs = { probe: 'inode-hogs', params: {} }
const answered = (facts: Facts): readonly Evidence[] => [
  {
    id: 'e'.repeat(64),
    request: hogs,
    outcome: { status: 'ok', facts, excerpt: '', truncated: false },
    takenAt: '',
    hostClock: null,
    hostDigest: null,
  },
]
const playbook = {
  ...samplePlaybook,
  params: [{ name: 'folder', provenance: 'computed', ...hogs, fact: 'staleFolder' } as const],
  preconditions: [],
  effects: [
    {
      says: 'Tidy $folder',
      list: { ...hogs, fact: 'files' },
      touches: [{ kind: 'folder', name: '$folder' } as const],
      listed: 'file' as const,
      reversible: false,
    },
  ],
}
const frozen = (facts: Facts) => freeze(playbook, { signature: null, params: {}, host }, answered(facts))

test('what a plan may touch is its measured values, and each item of its list', () => {
  expect(frozen({ staleFolder: '/srv/a', files: ['/srv/b'] })).toMatchObject({
    preview: [
      {
        says: 'Tidy /srv/a',
        touches: [
          { kind: 'folder', name: '/srv/a' },
          { kind: 'file', name: '/srv/b' },
        ],
      },
    ],
  })
})

test.each(['/', '/srv/../etc', 'srv', '/..'])('a measured path such as %s is no plan', (staleFolder) => {
  const says = `${playbook.id} may not touch ${staleFolder}: expected an absolute path without \`..\`, and not the root.`
  expect(frozen({ staleFolder, files: [] })).toEqual({ kind: 'not-applicable', says })
})
