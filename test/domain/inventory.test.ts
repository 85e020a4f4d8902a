import { describe, expect, test } from 'vitest'
import { type InventoryHost, readableHosts } from '../../domain/inventory.ts'

const host = (id: string, more: Partial<InventoryHost> = {}): InventoryHost => ({
  id,
  name: id,
  address: id,
  port: 22,
  hostKeys: ['ssh-ed25519 AAAA'],
  team: 'shop',
  environment: 'lab',
  role: 'web',
  zone: 'default',
  units: [],
  endpoints: [],
  mounts: [],
  dependsOn: [],
  ...more,
})

const readable = (target: InventoryHost, others: readonly InventoryHost[], troubled: readonly string[] = []) =>
  readableHosts(target, [...others, target], new Set(troubled)).map(({ id }) => id)

describe('the hosts that may be looked at', () => {
  const database = host('db-01', { role: 'database' })
  const target = host('web-01', { dependsOn: ['db-01'] })

  test('are the target first, those that it depends on, and one healthy sibling', () => {
    expect(readable(target, [database, host('web-02'), host('web-03')])).toEqual(['web-01', 'db-01', 'web-02'])
  })

  test('leave out a sibling that has troubles itself', () => {
    expect(readable(target, [database, host('web-02'), host('web-03')], ['web-02'])).toEqual([
      'web-01',
      'db-01',
      'web-03',
    ])
  })

  test('keep a dependency that has troubles: it may be the cause', () => {
    expect(readable(target, [database], ['db-01'])).toEqual(['web-01', 'db-01'])
  })

  test.each([
    ['another role', { role: 'database' }],
    ['another environment', { environment: 'production' }],
    ['another team', { team: 'billing' }],
    ['another zone', { zone: 'south' }],
    ['no pinned key', { hostKeys: [] }],
  ])('a host with %s is no sibling', (_, more) => {
    expect(readable(target, [host('web-02', more)])).toEqual(['web-01'])
  })

  test('a dependency in another zone is out of reach', () => {
    expect(readable(target, [{ ...database, zone: 'south' }])).toEqual(['web-01'])
  })
})
