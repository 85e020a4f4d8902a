// What an incident is about, and what is said when it is about nothing that is known.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createScopeIncident } from '../../activities/scope-incident.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import { Config } from '../../runtime/config.ts'
import { digestOf } from '../../runtime/digest.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'
import { deafHost } from './run-world.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(() => db.end())

describe('scope', () => {
  const { sources } = Config.parse({
    sources: { alertmanager: { use: 'alertmanager', targets: [{ when: { job: 'node' }, host: 'instance' }] } },
  })

  test.each([
    [{ instance: 'web-77:9100' }, 'instance=web-77:9100 names no single host of the inventory; there is: web-01.'],
    [
      { instance: `a\u001B[31m\n password=hunter2hunter2 ${'x'.repeat(500)}` },
      /^instance=a password=\[redacted:\w+\] x{80,120}… names no single host of the inventory; there is: web-01\.$/,
    ],
    [{}, 'The alert has no label instance, which would name its host.'],
    [{ job: 'other' }, 'No rule under `targets` of its source fits the alert, so none tells its host.'],
  ])('of an alert for an unknown host says which label, and what there is: %j', async (labels, says) => {
    const hosts = [deafHost, { ...deafHost, id: 'theirs-01', name: 'theirs-01', team: 'another' }]

    const scoped = await scopeOf(hosts, { host: null, labels: { job: 'node', ...labels } })

    expect(scoped.kind === 'unresolved' ? scoped.says : scoped).toMatch(says)
  })

  test('of an unknown host names eight of many', async () => {
    const hosts = Array.from({ length: 10 }, (_, at) => ({ ...deafHost, id: `h-${at}`, name: `h-${at}` }))

    expect(await scopeOf(hosts, { host: null, labels: { job: 'node', instance: 'web-77' } })).toMatchObject({
      says: expect.stringMatching(/h-7 and 2 more hosts\.$/),
    })
  })

  test('holds what was tried on this host for this alert, and no more', async () => {
    expect(await scopeOf([deafHost], { host: 'web-01' })).toMatchObject({ kind: 'target', host: 'web-01', tried: [] })
  })

  test('of a host that left the inventory is unresolved', async () => {
    expect(await scopeOf([deafHost], { host: 'gone-01' })).toMatchObject({ kind: 'unresolved' })
  })

  /** What an incident is about with these hosts in the inventory. */
  async function scopeOf(hosts: readonly InventoryHost[], of: Omit<Parameters<typeof seedIncident>[1], 'openedAt'>) {
    const { id } = await seedIncident(db.store, { openedAt: new Date(), ...of })
    const inventory = () => ({ digest: digestOf('inventory'), hosts })
    return createScopeIncident({ store: db.store, config: { sources }, inventory })({ incident: id })
  }
})
