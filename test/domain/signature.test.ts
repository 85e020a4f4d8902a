import { describe, expect, test } from 'vitest'
import type { Evidence, Facts } from '../../domain/evidence.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import type { Playbook } from '../../domain/playbook.ts'
import type { Predicate } from '../../domain/predicate.ts'
import {
  candidates,
  isPassing,
  maximumCandidates,
  recognise,
  requestsOf,
  unseen,
  untried,
} from '../../domain/signature.ts'

const host: InventoryHost = {
  id: 'web-01',
  name: 'web-01',
  address: '192.0.2.1',
  port: 22,
  hostKeys: [],
  team: 'default',
  environment: 'lab',
  role: 'web',
  zone: 'lab',
  units: [
    { name: 'nginx.service', configs: [], ports: [80] },
    { name: 'cron.service', configs: [], ports: [] },
  ],
  endpoints: [{ id: 'front', url: 'http://192.0.2.1/', port: 80, path: '/', unit: 'nginx.service' }],
  mounts: [{ id: 'logs', path: '/var/log/nginx' }],
  dependsOn: [],
}

function says(fact: string, value: string | boolean): Predicate {
  return {
    probe: 'unit-status',
    params: { unit: '$unit' },
    fact,
    test: { op: 'is', value },
    says: `${fact} is ${value}`,
  }
}

function playbook(id: string, all: readonly Predicate[], none: readonly Predicate[] = []): Playbook {
  return {
    id,
    version: '1.0.0',
    digest: 'd',
    title: id,
    wants: 'Restart $unit',
    owner: 'sre',
    authors: [],
    whenToUse: '',
    whenNotToUse: '',
    tier: 1,
    modes: { '*': 'auto' },
    params: [{ name: 'unit', provenance: 'inventory', from: 'unit' }],
    signatures: [{ id: `${id}-signature`, says: '$unit broke', all, none }],
    preconditions: [],
    effects: [],
    verify: { predicates: [], settleSeconds: 1, soakSeconds: 1 },
    undo: { kind: 'none', reason: 'nothing changes' },
    limits: { perHostHour: 2, cooldownSeconds: 0 },
    blastRadius: { hostsPerHour: 100 },
    conflicts: [],
    windows: [],
    hardTimeoutSeconds: 60,
  }
}

function evidence(unit: string, facts: Facts): Evidence {
  return {
    id: unit,
    request: { probe: 'unit-status', params: { unit } },
    outcome: { status: 'ok', facts, excerpt: '', truncated: false },
    takenAt: '2026-01-01T00:00:00Z',
    hostClock: null,
    hostDigest: null,
  }
}

const crashed = [evidence('nginx.service', { activeState: 'failed', valid: true })]
const about = { host, subjects: [{ kind: 'unit', name: 'nginx.service' }] } as const

describe('recognising', () => {
  test('finds the one playbook whose signature fully holds, and says why not the others', () => {
    const known = [playbook('restart', [says('activeState', 'failed')]), playbook('restore', [says('valid', false)])]

    const found = recognise(known, about, crashed)

    expect(found).toMatchObject({ kind: 'one', match: { playbook: 'restart', says: 'nginx.service broke' } })
    expect(found.rejected).toMatchObject([{ playbook: 'restore', because: [{ answer: 'fails', observed: true }] }])
  })

  test('takes what could not be seen for no match', () => {
    const found = recognise([playbook('restart', [says('neverMeasured', 'x')])], about, crashed)
    expect(found.kind).toBe('none')
  })

  test('names what could not be seen where everything that was measured holds, and only there', () => {
    const journal: Predicate = { ...says('errors', true), probe: 'journal' }
    const outcome = { status: 'failed', reason: 'broken', message: 'its reader failed' } as const
    const request = { probe: 'journal', params: { unit: 'nginx.service' } }
    const broke = [...crashed, { ...evidence('j', {}), request, outcome }]
    const near = recognise([playbook('a', [says('activeState', 'failed'), journal])], about, broke)
    const far = recognise([playbook('b', [says('activeState', 'active'), journal])], about, broke)

    expect(unseen(near.rejected, broke)).toEqual(['journal: its reader failed'])
    expect(unseen(far.rejected, broke)).toEqual([])
  })

  test.each([
    ['activating', true],
    ['deactivating', true],
    ['reloading', true],
    ['inactive', false],
    ['active', false],
  ])('knows whether a unit that is %s is on its way to another state: %s', (activeState, passes) => {
    const found = recognise([playbook('a', [says('activeState', 'failed')])], about, [
      evidence('nginx.service', { activeState }),
    ])

    expect(isPassing(found.rejected)).toBe(passes)
  })

  test('sees a fault on its way only where nothing else speaks against it', () => {
    const config: Predicate = { ...says('refused', false), probe: 'config-test' }
    const request = { probe: 'config-test', params: { unit: 'nginx.service' } }
    const between = evidence('nginx.service', { activeState: 'deactivating', result: 'success' })
    const seen = (all: readonly Predicate[], refused: boolean) =>
      recognise([playbook('a', [says('activeState', 'failed'), ...all])], about, [
        between,
        { ...evidence('config', { refused }), request },
      ]).rejected

    expect(isPassing(seen([config], false))).toBe(true)
    expect(isPassing(seen([config], true))).toBe(false)
    // What else the same answer says of the unit was between two states, too, and what was not seen speaks for nothing.
    expect(isPassing(seen([says('result', 'signal')], true))).toBe(true)
    expect(isPassing(seen([{ ...config, probe: 'journal' }], true))).toBe(true)
  })

  test('needs an exclusion to be known not to hold', () => {
    const excluded = playbook('restart', [says('activeState', 'failed')], [says('neverMeasured', true)])
    expect(recognise([excluded], about, crashed).kind).toBe('none')
  })

  test('calls two different playbooks that hold ambiguous', () => {
    const known = [playbook('a', [says('activeState', 'failed')]), playbook('b', [says('valid', true)])]
    expect(recognise(known, about, crashed)).toMatchObject({
      kind: 'several',
      matches: [{ playbook: 'a' }, { playbook: 'b' }],
    })
  })

  test('takes the unit behind an endpoint that an alert names', () => {
    const scope = { host, subjects: [{ kind: 'endpoint', name: 'front' }] } as const
    expect(candidates([{ name: 'unit', provenance: 'inventory', from: 'unit' }], scope)).toEqual([
      { unit: 'nginx.service' },
    ])
  })

  test('tries all declared units when no alert names one, and no more than the limit', () => {
    const units = Array.from({ length: 50 }, (_, at) => ({ name: `u${at}.service`, configs: [], ports: [] }))
    const scope = { host: { ...host, units }, subjects: [] }
    expect(candidates([{ name: 'unit', provenance: 'inventory', from: 'unit' }], scope)).toHaveLength(maximumCandidates)
    const known = [playbook('a', [says('x', true)]), playbook('b', [says('y', true)])]
    expect(untried(known, scope)).toEqual(['34 of 50 values of unit, for only 16 are compared at a time'])
    expect(untried(known, about)).toEqual([])
  })

  test('a product of many parameters is cut before it is made', () => {
    const params = Array.from(
      { length: 12 },
      (_, at) => ({ name: `p${at}`, provenance: 'inventory', from: 'unit' }) as const,
    )
    const units = Array.from({ length: 50 }, (_, at) => ({ name: `u${at}.service`, configs: [], ports: [] }))
    const found = candidates(params, { host: { ...host, units }, subjects: [] })
    expect(found).toHaveLength(maximumCandidates)
    expect(found[1]).toEqual({ ...found[0], p11: 'u1.service' })
  })

  test('counts what was never asked as not seen', () => {
    const near = playbook('a', [says('activeState', 'failed'), { ...says('errors', true), probe: 'journal' }])
    const { rejected } = recognise([near], about, crashed)
    expect(unseen(rejected, crashed)).toEqual(['1 question was not asked, the first of them journal nginx.service'])
  })

  test('asks for every read once', () => {
    const known = [playbook('a', [says('x', true)], [says('y', true)]), playbook('b', [says('z', true)])]
    expect(requestsOf(known, about)).toEqual([{ probe: 'unit-status', params: { unit: 'nginx.service' } }])
  })
})
