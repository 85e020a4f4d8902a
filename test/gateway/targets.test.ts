import { describe, expect, test } from 'vitest'
import type { InventoryHost } from '../../domain/inventory.ts'
import { targetIndex } from '../../gateway/targets.ts'
import { HostEntry } from '../../integrations/inventory-host.ts'

const host = (id: string, more: object = {}): InventoryHost =>
  HostEntry.parse({ id, address: `${id}.example.org`, ...more })
const indexOf = (...hosts: readonly InventoryHost[]) => targetIndex({ digest: 'of the test', hosts })
const rules = [{ when: {}, host: 'instance', unit: 'name', mount: 'mountpoint' }]

const web = host('web-01', {
  address: '10.0.0.1',
  units: [{ name: 'nginx.service' }],
  endpoints: [{ id: 'home', url: 'https://www.example.org/shop', port: 80 }],
  mounts: [{ id: 'data', path: '/srv/data' }],
})
const idOf = (instance: string) => indexOf(web, host('web-02')).resolve({ instance }, rules, 'default').host?.id ?? null

describe('a host', () => {
  test.each([
    'web-01',
    'web-01:9100',
    '10.0.0.1',
    '10.0.0.1:9100',
    'https://www.example.org/shop',
    'https://www.example.org/shop/',
  ])('is found as %s', (instance) => {
    expect(idOf(instance)).toBe('web-01')
  })

  test.each([
    'web-0',
    'web-011',
    'WEB-01',
    'web-01:',
    'web-01:9100:1',
    'web-01:999999',
    'http://web-01:9100',
    'https://www.example.org',
    'https://www.example.org/shop?x=1',
    ' web-01',
    'web-01\n',
    '',
    '__proto__',
  ])('is not found as %j', (instance) => {
    expect(idOf(instance)).toBeNull()
  })

  test('an IPv6 address is found with its port', () => {
    const six = host('six', { address: '2001:db8::1' })
    expect(indexOf(six).resolve({ instance: '[2001:db8::1]:9100' }, rules, 'default').host?.id).toBe('six')
    expect(indexOf(six).resolve({ instance: '2001:db8::1' }, rules, 'default').host?.id).toBe('six')
  })

  test('a name that two have finds neither', () => {
    const one = host('one', { address: 'shared.example.org' })
    const two = host('two', { address: 'shared.example.org' })
    const index = indexOf(one, two, host('three', { address: 'shared.example.org' }))
    expect(index.resolve({ instance: 'shared.example.org' }, rules, 'default').host).toBeNull()
    expect(index.resolve({ instance: 'one' }, rules, 'default').host?.id).toBe('one')
  })

  test('another team’s is none, and does not stand in the way of one’s own', () => {
    const theirs = host('theirs', { team: 'others', address: 'shared.example.org' })
    const index = indexOf(theirs, host('ours', { address: 'shared.example.org' }))
    expect(index.resolve({ instance: 'theirs' }, rules, 'default').host).toBeNull()
    expect(index.resolve({ instance: 'shared.example.org' }, rules, 'default').host?.id).toBe('ours')
    expect(index.resolve({ instance: 'shared.example.org' }, rules, 'others').host?.id).toBe('theirs')
    expect(index.resolve({ instance: 'ours' }, rules, 'nobody').host).toBeNull()
  })
})

describe('what of it', () => {
  test('unit and mount that it declares, and the endpoint that named it', () => {
    const labels = { instance: 'https://www.example.org/shop', name: 'nginx.service', mountpoint: '/srv/data' }
    expect(indexOf(web).resolve(labels, rules, 'default').subjects).toEqual([
      { kind: 'endpoint', name: 'home' },
      { kind: 'unit', name: 'nginx.service' },
      { kind: 'mount', name: 'data' },
    ])
  })

  test('what it does not declare is dropped', () => {
    const labels = { instance: 'web-01', name: 'sshd.service', mountpoint: '/' }
    expect(indexOf(web).resolve(labels, rules, 'default')).toEqual({ host: web, subjects: [] })
  })
})

describe('rules', () => {
  const several = [
    { when: { job: 'blackbox' }, host: 'target' },
    { when: { job: 'node', severity: 'critical' }, host: 'instance' },
    { when: {}, host: 'node' },
  ]
  const found = (labels: Readonly<Record<string, string>>) =>
    indexOf(web).resolve(labels, several, 'default').host?.id ?? null

  test('the first whose labels all match counts, and no other', () => {
    expect(found({ job: 'blackbox', target: 'web-01' })).toBe('web-01')
    expect(found({ job: 'blackbox', instance: 'web-01', node: 'web-01' })).toBeNull()
    expect(found({ job: 'node', severity: 'critical', instance: 'web-01' })).toBe('web-01')
    expect(found({ job: 'node', severity: 'warning', instance: 'web-01' })).toBeNull()
    expect(found({ node: 'web-01' })).toBe('web-01')
  })

  test('without a rule nothing is a target', () => {
    expect(indexOf(web).resolve({ instance: 'web-01' }, [], 'default')).toEqual({ host: null, subjects: [] })
  })
})
