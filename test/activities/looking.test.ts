import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAwaitRecovery } from '../../activities/await-recovery.ts'
import { createCheckHealth } from '../../activities/check-health.ts'
import { createCollectEvidence } from '../../activities/collect-evidence.ts'
import { createHoldRecovery } from '../../activities/hold-recovery.ts'
import type { WatchDeps } from '../../activities/watch-plan.ts'
import { loadCatalogue } from '../../catalogue/load.ts'
import { Failure } from '../../domain/failure.ts'
import type { Subject } from '../../domain/inventory.ts'
import type { Catalogue } from '../../domain/playbook.ts'
import type { RuleState } from '../../domain/run.ts'
import { readRound } from '../../store/incident.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident, seedPlan, type Seeded } from '../support/seed.ts'
import { atOnce, crashed, looking, type Looking, web, well } from './looking.ts'

let database: TestStore
let host: Looking
let catalogue: Catalogue
let incident: Seeded
let rule: RuleState = 'none'
let cancel = new AbortController()

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
  host.lay(crashed)
  host.fail(null)
  rule = 'none'
  cancel = new AbortController()
  incident = await seedIncident(database.store, { openedAt: new Date(Date.now() - 60_000) })
  await subjects([{ kind: 'unit', name: 'nginx.service' }])
})

async function subjects(given: readonly Subject[]): Promise<void> {
  const change = { subjects: JSON.stringify(given) }
  await database.store.updateTable('alert').set(change).where('incident', '=', incident.id).execute()
}

/** As many alerts again, each with a fingerprint of its own. */
async function moreAlerts(count: number): Promise<void> {
  const one = await database.store
    .selectFrom('alert')
    .selectAll()
    .where('incident', '=', incident.id)
    .executeTakeFirstOrThrow()
  const json = {
    labels: JSON.stringify({ ...one.labels, alertname: 'Another' }),
    annotations: '{}',
    subjects: JSON.stringify(one.subjects),
  }
  const more = Array.from({ length: count }, (_, at) => ({
    ...one,
    ...json,
    id: `${one.id}-${at}`,
    fingerprint: `f${at}`,
    name: 'Another',
  }))
  await database.store.insertInto('alert').values(more).execute()
}

function deps(change: Partial<WatchDeps> = {}): WatchDeps {
  return {
    store: database.store,
    catalogue: () => catalogue,
    inventory: () => ({ digest: 'i', hosts: [web] }),
    askHost: host.askHost,
    ruleOf: async () => atOnce(rule),
    config: { timeFactor: 60 },
    cancelled: () => cancel.signal,
    ...change,
  }
}

const collect = (round = 1) =>
  createCollectEvidence({ ...deps(), probes: host.probes })({ incident: incident.id, host: web.id, round })

/** The plan to restart the unit, with what was seen before it. */
async function plan(): Promise<string> {
  await collect(1)
  return (await seedPlan(database.store, incident, { createdAt: new Date().toISOString() })).id
}

describe('collecting evidence', () => {
  it('asks once for what matching needs and a baseline, and stores the answers in order', async () => {
    const before = host.exchanges()
    const seen = await collect()
    const round = await readRound(database.store, incident.id, 1)
    expect(host.exchanges()).toBe(before + 1)
    expect(round.map((one) => one.id)).toEqual(seen.evidence)
    expect(round.find((one) => one.request.probe === 'unit-status')?.outcome).toMatchObject({
      status: 'ok',
      facts: { activeState: 'failed', result: 'signal' },
    })
    expect(round.map((one) => one.request.probe)).toEqual(
      expect.arrayContaining(['failed-units', 'http-probe', 'journal']),
    )
    expect(seen.unreachable).toBeNull()
  })

  it('answers a round that stands already from the store', async () => {
    const first = await collect()
    const before = host.exchanges()
    expect(await collect()).toMatchObject({ evidence: first.evidence, failed: first.failed })
    expect(host.exchanges()).toBe(before)
  })

  it('counts a probe that broke as evidence of its own', async () => {
    const seen = await collect()
    const round = await readRound(database.store, incident.id, 1)
    const broken = round.filter((one) => one.outcome.status === 'failed')
    expect(seen.failed).toBe(broken.length)
    expect(broken.every((one) => one.outcome.status === 'failed' && one.outcome.reason === 'broken')).toBe(true)
  })

  it('stores no secret that the host showed', async () => {
    host.lay(crashed, 'upstream postgres://app:hunter2-secret@db/app refused')
    await collect()
    const text = JSON.stringify(await readRound(database.store, incident.id, 1))
    expect(text).not.toContain('hunter2-secret')
    expect(text).toContain('[redacted:url-password]')
  })

  it.each([
    ['host.unknown-key', 'wrong-key'],
    ['host.unreachable', 'unreachable'],
    ['host.timeout', 'unreachable'],
  ] as const)('says so when nothing could be read: %s', async (code, reason) => {
    host.fail(new Failure({ code, message: 'It did not work.' }))
    expect((await collect()).unreachable).toEqual({ reason, says: 'It did not work.' })
  })
})

describe('awaiting recovery', () => {
  it('waits until every check holds and the rule is clear, at one moment', async () => {
    rule = 'firing'
    const id = await plan()
    const awaited = createAwaitRecovery(deps())({ incident: incident.id, plan: id, round: 2 })
    await host.looked()
    host.lay(well)
    await host.looked()
    rule = 'clear'
    const seen = await awaited
    expect(seen).toMatchObject({ health: { kind: 'well' }, rule: 'clear' })
    expect(seen.checks.every((check) => check.answer === 'holds')).toBe(true)
    expect(seen.checks.map((check) => check.says)).toContain('no other unit has failed')
    const round = (await readRound(database.store, incident.id, 2)).map((one) => one.id)
    expect(round).toEqual(expect.arrayContaining(seen.checks.map((check) => check.evidence)))
  })

  it('ends when it is cancelled', async () => {
    const id = await plan()
    const awaited = createAwaitRecovery(deps())({ incident: incident.id, plan: id, round: 2 })
    await host.looked()
    cancel.abort()
    await expect(awaited).rejects.toThrow()
  })
})

describe('holding recovery', () => {
  it('holds when everything stayed well for the soak', async () => {
    const id = await plan()
    host.lay(well)
    const held = await createHoldRecovery(deps())({ incident: incident.id, plan: id, round: 2 })
    expect(held).toMatchObject({ kind: 'held', heldSeconds: expect.toSatisfy((seconds) => Number(seconds) >= 1) })
  })

  it('is lost with the first check that fails', async () => {
    const id = await plan()
    host.lay(crashed)
    const held = await createHoldRecovery(deps())({ incident: incident.id, plan: id, round: 2 })
    expect(held).toMatchObject({ kind: 'not-held', health: { kind: 'wrong', because: 'check-fails' } })
  })

  it('is lost when another unit has failed meanwhile', async () => {
    const id = await plan()
    host.lay({ ...well, 'failed-units': { units: ['cron.service', 'nginx.service'], count: 2, why: [] } })
    const held = await createHoldRecovery(deps())({ incident: incident.id, plan: id, round: 2 })
    expect(held).toMatchObject({ kind: 'not-held', health: { kind: 'wrong', because: 'check-fails' } })
    expect(held.checks.find((check) => check.answer === 'fails')).toMatchObject({
      says: 'no other unit has failed',
      observed: 'cron.service',
    })
  })

  it("is lost when the alert's own rule fires again", async () => {
    const id = await plan()
    host.lay(well)
    rule = 'firing'
    const held = await createHoldRecovery(deps())({ incident: incident.id, plan: id, round: 2 })
    expect(held).toMatchObject({ kind: 'not-held', health: { kind: 'wrong', because: 'only-rule-fires' } })
  })
})

describe('an alert that comes during the soak', () => {
  const soaking = async (hears: () => Promise<void>, ruleOf: WatchDeps['ruleOf'] = async () => atOnce('none')) => {
    const id = await plan()
    host.lay(well)
    let looks = 0
    const askHost: WatchDeps['askHost'] = async (...asked) => {
      looks += 1
      if (looks > 1) return host.askHost(...asked)
      await hears()
      // Nothing is seen with this look: however long it takes, the soak is not over with it.
      host.fail(new Failure({ code: 'host.unreachable', message: 'The link is away for a moment.' }))
      return host.askHost(...asked).finally(() => host.fail(null))
    }
    return createHoldRecovery(deps({ askHost, ruleOf, config: { timeFactor: 20 } }))({
      incident: incident.id,
      plan: id,
      round: 2,
    })
  }

  it('is watched from then on, and known when it is all over', async () => {
    expect(await soaking(() => moreAlerts(1))).toMatchObject({ kind: 'held', firings: 2 })
  })

  it('ends it at once where not all is well', async () => {
    const held = await soaking(
      () => moreAlerts(1),
      async (_source, { labels }) => atOnce(labels['alertname'] === 'Another' ? 'firing' : 'clear'),
    )
    expect(held).toMatchObject({ kind: 'interrupted', firings: 2, rule: 'firing' })
  })

  it('is no other alert when it is only repeated', async () => {
    const again = database.store.updateTable('alert').set({ received_at: new Date() })
    const held = await soaking(async () => void (await again.where('incident', '=', incident.id).execute()))
    expect(held).toMatchObject({ kind: 'held', firings: 1 })
  })
})

describe('checking health', () => {
  const check = (change: Partial<WatchDeps> = {}) =>
    createCheckHealth(deps(change))({ incident: incident.id, host: web.id, round: 3 })

  it('finds a host well whose checks hold and whose rule is clear', async () => {
    host.lay(well)
    rule = 'clear'
    expect(await check()).toMatchObject({ health: { kind: 'well' }, rule: 'clear' })
  })

  it('does not wait for a rule while a check fails', async () => {
    rule = 'firing'
    const before = host.exchanges()
    expect((await check()).health).toEqual({ kind: 'wrong', because: 'check-fails' })
    expect(host.exchanges()).toBe(before + 1)
  })

  it('asks each alert of the incident about its own rule, since it was last heard of', async () => {
    host.lay(well)
    const asked: string[] = []
    const ruleOf: WatchDeps['ruleOf'] = async (source, question) => {
      asked.push(`${source} ${question.alert} ${question.since}`)
      return atOnce('clear')
    }
    await check({ ruleOf })
    expect(asked).toEqual([`alertmanager BlackboxProbeFailed ${incident.openedAt.toISOString()}`])
  })

  it('never calls an incident well that has more alerts than can be asked about', async () => {
    host.lay(well)
    rule = 'clear'
    await moreAlerts(32)
    expect((await check()).health).toEqual({ kind: 'cannot-tell', because: 'rule-unknown' })
  })

  it('never calls an incident well that names more than can be looked at', async () => {
    host.lay(well)
    rule = 'clear'
    await subjects(Array.from({ length: 17 }, (_, at) => ({ kind: 'unit', name: `unit-${at}.service` })))
    const seen = await check()
    expect(seen.health).toEqual({ kind: 'cannot-tell', because: 'check-unknown' })
    expect(seen.checks).toContainEqual(
      expect.objectContaining({ answer: 'unknown', says: 'everything that the alerts name was looked at' }),
    )
  })

  it('looks at everything declared when the alerts name nothing', async () => {
    await subjects([])
    host.lay(well)
    const { checks } = await check()
    expect(checks.map((one) => one.says)).toEqual([
      'nginx-logs is at most 95 % full',
      'nginx.service is active',
      'nginx.service listens on its ports',
      'home answers',
    ])
  })
})
