// A playbook as the catalogue answers it, for what is shown of one.
import type { Playbook } from '../../domain/playbook.ts'

export const samplePlaybook: Playbook = {
  id: 'service-restart',
  version: '1.0.0',
  digest: 'c'.repeat(64),
  title: 'Restart a service that has crashed',
  wants: 'Restart $unit',
  owner: 'platform',
  authors: [],
  whenToUse: 'A unit failed and its configuration is valid.',
  whenNotToUse: 'The configuration is broken, or the unit was stopped on purpose.',
  tier: 1,
  modes: { lab: 'auto', '*': 'draft' },
  params: [{ name: 'unit', provenance: 'inventory', from: 'unit' }],
  signatures: [
    {
      id: 'service-crashed',
      says: '$unit crashed',
      all: [
        {
          probe: 'unit-status',
          params: { unit: '$unit' },
          fact: 'state',
          test: { op: 'is', value: 'failed' },
          says: '$unit has failed',
        },
      ],
      none: [],
    },
  ],
  preconditions: [],
  effects: [{ says: 'Restart $unit', list: null, touches: [], listed: null, reversible: true }],
  verify: {
    predicates: [
      {
        probe: 'unit-status',
        params: { unit: '$unit' },
        fact: 'state',
        test: { op: 'is', value: 'active' },
        says: '$unit is active',
      },
    ],
    settleSeconds: 30,
    soakSeconds: 60,
  },
  undo: { kind: 'none', reason: 'a restart leaves nothing to take back' },
  limits: { perHostHour: 2, cooldownSeconds: 600 },
  blastRadius: { hostsPerHour: 100 },
  conflicts: [],
  windows: [],
  hardTimeoutSeconds: 120,
}
