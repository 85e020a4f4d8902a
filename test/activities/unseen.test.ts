// What could not be seen is known to be neither well nor bad.
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAwaitRecovery } from '../../activities/await-recovery.ts'
import { createCheckHealth } from '../../activities/check-health.ts'
import { createCollectEvidence } from '../../activities/collect-evidence.ts'
import type { WatchDeps } from '../../activities/watch-plan.ts'
import { loadCatalogue } from '../../catalogue/load.ts'
import type { Catalogue } from '../../domain/playbook.ts'
import { readRound } from '../../store/incident.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident, seedPlan, type Seeded } from '../support/seed.ts'
import { atOnce, looking, type Looking, web, well } from './looking.ts'

let database: TestStore
let host: Looking
let catalogue: Catalogue
let incident: Seeded

beforeAll(async () => {
  database = await testStore()
  host = await looking()
  catalogue = await loadCatalogue({ dir: join(import.meta.dirname, '../../playbooks'), modes: {} })
})
afterAll(async () => {
  host.end()
  await database.end()
})
beforeEach(async () => {
  host.lay(well)
  incident = await seedIncident(database.store, { openedAt: new Date(Date.now() - 60_000) })
})

function deps(change: Partial<WatchDeps> = {}): WatchDeps {
  return {
    store: database.store,
    catalogue: () => catalogue,
    inventory: () => ({ digest: 'i', hosts: [web] }),
    askHost: host.askHost,
    ruleOf: async () => atOnce('clear'),
    config: { timeFactor: 60 },
    cancelled: () => new AbortController().signal,
    ...change,
  }
}

describe('a repair of which nothing bad is known', () => {
  it('can not be told of whether it helped, where the checks stay unknown for as long as is waited', async () => {
    await createCollectEvidence({ ...deps(), probes: host.probes })({ incident: incident.id, host: web.id, round: 1 })
    const { id } = await seedPlan(database.store, incident, { createdAt: new Date().toISOString() })
    const { 'unit-status': _, ...blind } = well
    host.lay(blind)

    const seen = await createAwaitRecovery(deps())({ incident: incident.id, plan: id, round: 2 })

    expect(seen).toMatchObject({ health: { kind: 'cannot-tell', because: 'check-unknown' }, rule: 'clear' })
    expect(seen.checks.map(({ answer }) => answer)).not.toContain('fails')
  })
})

describe('a measurement that is dropped', () => {
  it('leaves no evidence of a look that was cut', async () => {
    const cancel = new AbortController()
    const askHost: WatchDeps['askHost'] = async (...asked) => {
      cancel.abort()
      return host.askHost(...asked)
    }
    const check = createCheckHealth(deps({ askHost, cancelled: () => cancel.signal }))

    await expect(check({ incident: incident.id, host: web.id, round: 3 })).rejects.toThrow()

    expect(await readRound(database.store, incident.id, 3)).toEqual([])
  })
})
