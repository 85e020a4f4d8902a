// What an incident's other alerts and slow rules say of a repair: nothing, until the incident is to end.
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAwaitRecovery } from '../../activities/await-recovery.ts'
import { createCheckHealth } from '../../activities/check-health.ts'
import { createHoldRecovery } from '../../activities/hold-recovery.ts'
import type { RuleOf } from '../../activities/ask-rules.ts'
import type { WatchDeps } from '../../activities/watch-plan.ts'
import { loadCatalogue } from '../../catalogue/load.ts'
import type { Subject } from '../../domain/inventory.ts'
import type { Catalogue } from '../../domain/playbook.ts'
import type { RuleAnswer } from '../../domain/run.ts'
import { createCollectEvidence } from '../../activities/collect-evidence.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident, seedPlan, seedRun, seedStory, type Seeded } from '../support/seed.ts'
import { atOnce, looking, type Looking, web, well } from './looking.ts'

let database: TestStore
let host: Looking
let catalogue: Catalogue
let incident: Seeded
let rules: Readonly<Record<string, () => RuleAnswer>>

beforeAll(async () => {
  database = await testStore()
  host = await looking()
  catalogue = await loadCatalogue({ dir: join(import.meta.dirname, '../../playbooks'), modes: {} })
  host.lay({ ...well, 'disk-usage': disk })
})
afterAll(async () => {
  host.end()
  await database.end()
})
beforeEach(async () => {
  const openedAt = new Date(Date.now() - 60_000)
  incident = await seedIncident(database.store, { openedAt })
  rules = {}
  const unit = { name: 'UnitFailed', subjects: JSON.stringify([{ kind: 'unit', name: 'nginx.service' }]) }
  await database.store.updateTable('alert').set(unit).where('incident', '=', incident.id).execute()
})

/** An alert about the disk of the same host. */
async function diskAlert(): Promise<void> {
  const one = await database.store
    .selectFrom('alert')
    .selectAll()
    .where('incident', '=', incident.id)
    .executeTakeFirstOrThrow()
  const subjects = JSON.stringify([{ kind: 'mount', name: 'nginx-logs' }])
  const json = { labels: JSON.stringify(one.labels), annotations: '{}', subjects }
  await database.store
    .insertInto('alert')
    .values({ ...one, ...json, id: `${one.id}-disk`, fingerprint: 'disk', name: 'DiskFull' })
    .execute()
}

const disk = {
  mounted: true,
  usedPercent: 40,
  sizeBytes: 100,
  freeBytes: 60,
  inodesUsedPercent: 1,
  inodesFree: 99,
  readOnly: false,
  fileSystem: 'ext4',
}

const clear = (): RuleAnswer => atOnce('clear')

/** Fires at first, because it looks back; `window`: for how long it may. */
function firingFor(looks: number, windowSeconds: number): () => RuleAnswer {
  let left = looks
  return () => {
    left -= 1
    return left >= 0 ? { state: 'firing', windowSeconds } : atOnce('clear')
  }
}

function deps(): WatchDeps {
  const ruleOf: RuleOf = async (_source, { alert }) => (rules[alert] ?? clear)()
  const inventory = () => ({ digest: 'i', hosts: [web] })
  const common = { store: database.store, catalogue: () => catalogue, inventory, askHost: host.askHost }
  return { ...common, ruleOf, config: { timeFactor: 60 }, cancelled: () => new AbortController().signal }
}

/** The plan to restart the unit, with what was seen before it. */
async function restart() {
  await createCollectEvidence({ ...deps(), probes: host.probes })({ incident: incident.id, host: web.id, round: 1 })
  const { id } = await seedPlan(database.store, incident, { createdAt: new Date().toISOString() })
  return { incident: incident.id, plan: id, round: 2 }
}

it('can not be told of a repair whether it helped, where nobody saw what had failed before', async () => {
  const { 'failed-units': _, ...blind } = well
  host.lay(blind)
  const repaired = await restart()
  host.lay({ ...well, 'disk-usage': disk })

  const { health } = await createAwaitRecovery(deps())(repaired)

  expect(health).toEqual({ kind: 'cannot-tell', because: 'before-unknown' })
})

describe('an alert about something else than the plan', () => {
  it('does not keep the repair from counting as recovered', async () => {
    await diskAlert()
    rules = { DiskFull: () => atOnce('firing') }

    expect((await createAwaitRecovery(deps())(await restart())).health).toEqual({ kind: 'well' })
  })

  it('lets the repair be verified, and the incident not end', async () => {
    await diskAlert()
    rules = { DiskFull: () => atOnce('firing') }

    const held = await createHoldRecovery(deps())(await restart())

    expect(held).toMatchObject({ kind: 'others', rule: 'clear' })
  })

  it('does not make up for the one that the plan is about', async () => {
    await diskAlert()
    rules = { UnitFailed: () => atOnce('firing') }

    const held = await createHoldRecovery(deps())(await restart())

    expect(held).toMatchObject({ kind: 'not-held', health: { kind: 'wrong', because: 'only-rule-fires' } })
  })

  it('that is over when the soak is lets the incident end', async () => {
    await diskAlert()

    const held = await createHoldRecovery(deps())(await restart())

    expect(held).toMatchObject({ kind: 'held', rule: 'clear' })
  })
})

describe('a rule that looks back over a window', () => {
  it('does not keep the repair from counting as recovered', async () => {
    rules = { UnitFailed: () => ({ state: 'firing', windowSeconds: 300 }) }

    expect((await createAwaitRecovery(deps())(await restart())).health).toEqual({ kind: 'lagging' })
  })

  it('is waited for in the soak, and longer', async () => {
    rules = { UnitFailed: firingFor(12, 300) }

    expect(await createHoldRecovery(deps())(await restart())).toMatchObject({ kind: 'held', rule: 'clear' })
  })

  it('that fires after its window has passed means that it did not hold', async () => {
    rules = { UnitFailed: () => ({ state: 'firing', windowSeconds: 2 }) }

    const held = await createHoldRecovery(deps())(await restart())

    expect(held).toMatchObject({ kind: 'not-held', health: { kind: 'wrong', because: 'only-rule-fires' } })
  })

  it('is waited for where nothing is wrong, as long as it looks back', async () => {
    // Longer than anybody waits for a rule without a window.
    const over = performance.now() + 11_000
    rules = { UnitFailed: () => (performance.now() < over ? { state: 'firing', windowSeconds: 600 } : atOnce('clear')) }
    const health = createCheckHealth(deps())

    expect(await health({ incident: incident.id, host: web.id, round: 3 })).toMatchObject({
      health: { kind: 'well' },
      rule: 'clear',
    })
  })
})

describe('another incident that repaired this host meanwhile', () => {
  const look = () => createCheckHealth(deps())({ incident: incident.id, host: web.id, round: 3 })

  it('is named where it repaired what this one is about', async () => {
    const other = await repaired({ kind: 'endpoint', name: 'home' }, new Date())

    expect(await look()).toMatchObject({ health: { kind: 'well' }, repairedBy: Number(other.number) })
  })

  it('is named while it is still watched whether its repair holds', async () => {
    const other = await repaired({ kind: 'unit', name: 'nginx.service' }, new Date(), { state: 'verifying' })

    expect(await look()).toMatchObject({ health: { kind: 'well' }, repairedBy: Number(other.number) })
  })

  it('is not where it repaired something else', async () => {
    await repaired({ kind: 'mount', name: 'nginx-logs' }, new Date())

    expect((await look()).repairedBy).toBeUndefined()
  })

  it('is not where that was before this one came up', async () => {
    await repaired({ kind: 'unit', name: 'nginx.service' }, new Date(incident.openedAt.getTime() - 1_000))

    expect((await look()).repairedBy).toBeUndefined()
  })

  /** Another incident, closed as repaired by a run that ended then. */
  async function repaired(
    subject: Subject,
    endedAt: Date,
    as: Omit<Parameters<typeof seedIncident>[1], 'openedAt'> = { state: 'closed', closedReason: 'recovered' },
  ): Promise<Seeded> {
    await database.store.deleteFrom('run').execute()
    const alerted = { kind: 'alerted', source: 'alertmanager', alerts: ['UnitFailed'], severity: null } as const
    await seedStory(database.store, incident, [[0, alerted]])
    const other = await seedIncident(database.store, { openedAt: endedAt, ...as })
    const subjects = JSON.stringify([subject])
    await database.store.updateTable('alert').set({ subjects }).where('incident', '=', other.id).execute()
    const plan = await seedPlan(database.store, other, {})
    const outcome = { kind: 'succeeded', changed: 1, tasks: 2 } as const
    // A seeded run takes three seconds.
    await seedRun(database.store, other, plan, { after: -3_000, state: 'succeeded', outcome })
    return other
  }
})
