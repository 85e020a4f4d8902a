import { describe, expect, test } from 'vitest'
import { type Answer, judge, type Bench } from '../../../activities/investigation/judge.ts'
import type { Json } from '../../../domain/canonical-json.ts'
import type { InventoryHost } from '../../../domain/inventory.ts'
import { loadProbes } from '../../../probes/load.ts'
import { samplePlaybook } from '../../support/sample-playbook.ts'

const probes = await loadProbes()
const web: InventoryHost = {
  id: 'web-01',
  name: 'web-01',
  address: '192.0.2.1',
  port: 22,
  hostKeys: [],
  team: 'default',
  environment: 'lab',
  role: 'web',
  zone: 'default',
  units: [{ name: 'nginx.service', configs: [], ports: [80] }],
  endpoints: [],
  mounts: [],
  dependsOn: [],
}
const query = { says: 'errors a second', query: 'sum(rate(errors[5m]))' }
const bench: Bench = {
  readable: { probes, profile: { metrics: { errors: query }, logs: {} }, hosts: [web] },
  scope: { playbooks: [samplePlaybook], host: web, subjects: [], tried: [] },
  recorded: new Map([['e1.0', { id: 'a'.repeat(64), seen: true, texts: ['activeState: "failed"'] }]]),
  left: 3,
}
const calls = (...named: readonly (readonly [string, Json])[]): Answer => ({
  text: 'Let me see.',
  calls: named.map(([name, input], at) => ({ id: `call-${at}`, name, input })),
  stop: 'tools',
})
const conclusion = { hypothesis: 'It crashed.', confidence: 'likely', for: ['e1.0: activeState: "failed"'] } as const

describe('what a model asks', () => {
  test('is asked where a host declares it', () => {
    const { judged, asks } = judge(
      calls(['look', { probe: 'unit-status', host: 'web-01', unit: 'nginx.service' }]),
      bench,
    )
    expect(judged).toEqual({ kind: 'look' })
    const request = { probe: 'unit-status', params: { unit: 'nginx.service' } }
    expect(asks).toEqual([{ call: 'call-0', kind: 'probe', host: 'web-01', request }])
  })

  test.each([
    ['look', { probe: 'unit-status', host: 'db-01', unit: 'nginx.service' }, 'these hosts may be looked at: web-01'],
    [
      'look',
      { probe: 'unit-status', host: 'web-01', unit: 'sshd.service' },
      'unit is one of what web-01 declares: nginx.service',
    ],
    ['look', { probe: 'unit-status', host: 'web-01', unit: 'nginx.service', path: '/etc/shadow' }, 'path'],
    ['look', { probe: 'unit-status', host: 'web-01' }, 'unit'],
    ['look', 'web-01', 'there is no such probe'],
    ['unit-status', { host: 'web-01', unit: 'nginx.service' }, 'there is no such tool'],
    ['look', { probe: 'run-record', host: 'web-01', fence: 1 }, 'there is no such probe'],
    ['bash', { host: 'web-01', command: 'id' }, 'there is no such tool'],
    ['look', { probe: 'journal', host: 'web-01', unit: 'nginx.service', lines: 1_000_000 }, 'lines'],
    ['metrics', { query: 'sum(up)', minutes: 5 }, 'there is no such query: errors'],
    ['logs', { query: 'errors', minutes: 5 }, 'there is no such query: none is configured'],
    ['metrics', { query: 'errors', minutes: 1e9 }, 'minutes'],
  ] as const)('as %s with %j is refused: %s', (name, input, says) => {
    const { judged, asks, dropped } = judge(calls([name, input]), bench)
    expect(judged).toEqual({ kind: 'again' })
    expect(asks).toEqual([{ call: 'call-0', kind: 'refused', says: expect.stringContaining(says) }])
    expect(dropped).toHaveLength(1)
  })

  test('is sixteen questions at most, and the rest is told so', () => {
    const one = ['look', { probe: 'unit-status', host: 'web-01', unit: 'nginx.service' }] as const
    const { asks } = judge(calls(...Array.from({ length: 20 }, () => one)), bench)
    expect(asks.filter(({ kind }) => kind === 'probe')).toHaveLength(16)
    expect(asks).toHaveLength(20)
  })

  test('in its last exchange is not asked: people get it', () => {
    const last = judge(calls(['look', { probe: 'unit-status', host: 'web-01', unit: 'nginx.service' }]), {
      ...bench,
      left: 0,
    })
    expect(last).toMatchObject({ judged: { kind: 'person' }, asks: [] })
  })
})

describe('what a model concludes', () => {
  test('is a proposal with the values of the inventory', () => {
    const { judged, diagnosis } = judge(
      calls(['propose_remediation', { ...conclusion, playbook: 'service-restart' }]),
      bench,
    )
    expect(judged).toEqual({
      kind: 'remediate',
      playbook: 'service-restart',
      params: { unit: 'nginx.service' },
      says: 'It crashed',
    })
    expect(diagnosis).toMatchObject({ confidence: 'likely', proposes: { kind: 'playbook' } })
  })

  test.each([
    ['a playbook that is not there', { ...conclusion, playbook: 'rm-rf' }],
    ['no evidence', { ...conclusion, for: [], playbook: 'service-restart' }],
    ['evidence of nobody', { ...conclusion, for: ['e9.9'], playbook: 'service-restart' }],
    ['evidence that it only names', { ...conclusion, for: ['e1.0'], playbook: 'service-restart' }],
    ['words that do not stand', { ...conclusion, for: ['e1.0: oom-kill'], playbook: 'service-restart' }],
    ['a key too much', { ...conclusion, playbook: 'service-restart', force: true }],
    ['another unit', { ...conclusion, playbook: 'service-restart', params: { unit: 'sshd.service' } }],
    ['no object', 'service-restart'],
  ])('with %s is told so, and is nothing', (_what, input) => {
    const { judged, diagnosis, dropped, wrong } = judge(calls(['propose_remediation', input]), bench)
    expect(judged).toEqual({ kind: 'again' })
    expect(diagnosis).toBeNull()
    expect(dropped.length).toBeGreaterThan(0)
    expect(wrong).not.toBe('')
  })

  test('twice at once is nothing', () => {
    const input = { ...conclusion, playbook: 'service-restart' }
    const both = calls(['propose_remediation', input], ['escalate', conclusion])
    expect(judge(both, bench)).toMatchObject({
      judged: { kind: 'again' },
      asks: [{ kind: 'refused' }, { kind: 'refused' }],
    })
  })

  test('as a fault in code, or as for a person, goes to people with its hypothesis', () => {
    expect(judge(calls(['propose_code_fix', conclusion]), bench).judged).toMatchObject({
      kind: 'code-fix',
      says: expect.stringContaining('It crashed (likely).'),
    })
    expect(judge(calls(['escalate', { ...conclusion, for: [] }]), bench).judged).toMatchObject({
      kind: 'person',
      says: expect.stringContaining('No cause that the evidence bears out'),
    })
  })
})

test.each([
  ['words alone', { text: 'Restart it!', calls: [], stop: 'done' } as const, 'again'],
  ['an answer that is cut off', { text: '', calls: [], stop: 'cut-off' } as const, 'again'],
  ['a refusal', { text: '', calls: [], stop: 'refused' } as const, 'person'],
])('%s is %s', (_what, answer, kind) => {
  expect(judge(answer, bench).judged.kind).toBe(kind)
  expect(judge(answer, { ...bench, left: 0 }).judged.kind).toBe('person')
})
