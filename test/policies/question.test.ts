// What policy is asked about time, neighbours and conflicts, put together from the manifest and what was measured.
import { expect, test } from 'vitest'
import { planQuestion, type Circumstances } from '../../policies/question.ts'
import { loadPolicies } from '../../policies/evaluate.ts'
import { samplePlaybook } from '../support/sample-playbook.ts'

const measured = {
  stopped: false,
  quarantined: false,
  changesThisHour: 0,
  sinceLastChange: null,
  sinceConflict: null,
  otherHostsThisHour: 0,
}

const plan: Circumstances['plan'] = {
  version: 1,
  kind: 'remediate',
  id: 'plan_1',
  incident: 'inc_1',
  attempt: 1,
  team: 'default',
  environment: 'lab',
  playbook: { id: 'service-restart', version: '1.0.0', digest: 'd' },
  wants: 'Restart',
  tier: 1,
  params: {},
  provenance: {},
  hosts: [{ id: 'web-01', name: 'web-01', hostKeys: [] }],
  signature: 's',
  because: '',
  evidence: [],
  preconditions: [],
  preview: [],
  undo: 'none',
  hardTimeoutSeconds: 60,
  built: { catalogue: 'c', policies: 'p', inventory: 'i' },
  createdAt: '2026-11-21T00:00:00Z',
  expiresAt: '2026-11-22T00:00:00Z',
}

/** A Saturday, 23:30 in UTC. */
const now = new Date('2026-11-21T23:30:00Z')

const ask = (change: Partial<Circumstances['playbook']>, more: Partial<Circumstances> = {}) => {
  const playbook = { ...samplePlaybook, modes: { '*': 'auto' as const }, ...change }
  return planQuestion({ plan, playbook, measured, timeFactor: 1, timezone: 'UTC', now, ...more })
}
const ruleOf = (...asked: Parameters<typeof ask>) => loadPolicies().decidePlan(ask(...asked)).rule.id

test('day and hour are those of the environment', () => {
  expect(ask({})).toMatchObject({ day: 5, hour: 23, openHours: null })
  expect(ask({}, { timezone: 'Europe/Berlin' })).toMatchObject({ day: 6, hour: 0 })
  expect(ask({}, { timezone: 'America/New_York' })).toMatchObject({ day: 5, hour: 18 })
})

test('a window opens from its first hour until before its last, on its days, in the environment’s time', () => {
  const windows = [{ days: ['sun'], from: 0, to: 2 }] as const
  expect(ruleOf({ windows })).toBe('outside-windows')
  expect(ruleOf({ windows }, { timezone: 'Europe/Berlin' })).toBe('known-fault-alone')
  expect(ruleOf({ windows: [{ days: ['sat'], from: 22, to: 23 }] })).toBe('outside-windows')
  expect(ruleOf({ windows: [{ days: ['sat'], from: 22, to: 24 }] })).toBe('known-fault-alone')
})

test('a conflicting change counts for this playbook’s cool-down', () => {
  const { cooldownSeconds } = samplePlaybook.limits
  const after = (sinceConflict: number) => ruleOf({}, { measured: { ...measured, sinceConflict } })
  expect(after(cooldownSeconds - 1)).toBe('conflicting-playbook')
  expect(after(cooldownSeconds)).toBe('known-fault-alone')
})

test('other hosts of the hour count up to the blast radius', () => {
  const after = (otherHostsThisHour: number) =>
    ruleOf({ blastRadius: { hostsPerHour: 2 } }, { measured: { ...measured, otherHostsThisHour } })
  expect(after(1)).toBe('known-fault-alone')
  expect(after(2)).toBe('hosts-per-hour')
})
