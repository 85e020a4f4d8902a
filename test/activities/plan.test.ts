// From a round of evidence to a frozen plan and policy's answer, with the shipped playbook and policies.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBuildPlan, type PlanDeps } from '../../activities/build-plan.ts'
import { createDecidePlan } from '../../activities/decide-plan.ts'
import { createMatchSignatures } from '../../activities/match-signatures.ts'
import { createOpenRun } from '../../activities/open-run.ts'
import { createSettleRun } from '../../activities/settle-run.ts'
import type { Insertable } from 'kysely'
import { loadCatalogue } from '../../catalogue/load.ts'
import type { ProbeOutcome, ProbeRequest } from '../../domain/evidence.ts'
import type { Mode } from '../../domain/playbook.ts'
import { loadPolicies } from '../../policies/evaluate.ts'
import { digestOf } from '../../runtime/digest.ts'
import { newId } from '../../runtime/ids.ts'
import { readPlan } from '../../store/plan.ts'
import type { Database } from '../../store/schema.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedEvidence, seedIncident } from '../support/seed.ts'
import { paperCatalogue } from '../support/paper-catalogue.ts'
import { deafHost } from './run-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'millwright-plan-'))
let db: TestStore
let playbooksDir: string
beforeAll(async () => {
  db = await testStore()
  playbooksDir = paperCatalogue(folder)
})
afterAll(async () => {
  await db.end()
  rmSync(folder, { recursive: true, force: true })
})

const unit = { unit: 'nginx.service' }
const ok = (facts: Extract<ProbeOutcome, { status: 'ok' }>['facts']): ProbeOutcome => ({
  status: 'ok',
  facts,
  excerpt: '',
  truncated: false,
})
type Answers = readonly (readonly [ProbeRequest, ProbeOutcome])[]
const crashed: Answers = [
  [{ probe: 'unit-status', params: unit }, ok({ loadState: 'loaded', activeState: 'failed', result: 'signal' })],
  [{ probe: 'config-test', params: unit }, ok({ refused: false })],
  [{ probe: 'listeners', params: unit }, ok({ taken: false })],
]
const portTaken: Answers = [...crashed.slice(0, 2), [{ probe: 'listeners', params: unit }, ok({ taken: true })]]

async function world(modes: Readonly<Record<string, Mode>> = { lab: 'auto' }) {
  const catalogue = await loadCatalogue({ dir: playbooksDir, modes: { 'service-restart': modes } })
  const policies = loadPolicies()
  const deps: PlanDeps & Parameters<typeof createDecidePlan>[0] = {
    store: db.store,
    catalogue: () => catalogue,
    inventory: () => ({ digest: digestOf('inventory'), hosts: [deafHost] }),
    policies: () => policies,
    config: { approvalSeconds: 900, timeFactor: 60, environments: {} },
    now: () => new Date(),
  }
  return { deps, match: createMatchSignatures(deps), build: createBuildPlan(deps), decide: createDecidePlan(deps) }
}

async function incidentWith(answers: Answers): Promise<string> {
  const incident = await seedIncident(db.store, { openedAt: new Date(Date.now() - 1_000), host: 'web-01' })
  await seedEvidence(db.store, incident, answers)
  return incident.id
}

const wanted = { round: 1, attempt: 1, playbook: 'service-restart', signature: 'service-crashed', params: unit }

async function planned(build: Awaited<ReturnType<typeof world>>['build'], change: Partial<typeof wanted> = {}) {
  const made = await build({ incident: await incidentWith(crashed), ...wanted, ...change })
  if (made.kind !== 'planned') throw new Error(made.says)
  return made
}

describe('matching', () => {
  test('a crashed service is recognised, with every check in words', async () => {
    const { match } = await world()

    const found = await match({ incident: await incidentWith(crashed), round: 1, tried: [] })

    expect(found).toMatchObject({
      kind: 'one',
      playbook: 'service-restart',
      says: 'nginx.service crashed and stays down',
    })
    const checks = found.kind === 'one' ? found.checks : []
    expect(checks.map((check) => check.answer)).toEqual(['holds', 'holds', 'holds', 'holds', 'holds'])
    expect(checks[1]).toMatchObject({ says: 'nginx.service has failed', observed: 'failed' })
  })

  test('what speaks against a known fault is named', async () => {
    const { match } = await world()

    const found = await match({ incident: await incidentWith(portTaken), round: 1, tried: [] })

    expect(found.kind).toBe('none')
    const not = found.kind === 'none' ? found.not.find((one) => one.playbook === 'service-restart') : undefined
    expect(not?.because).toMatchObject([{ says: 'nothing else holds the ports of nginx.service', answer: 'fails' }])
  })

  test('a unit that is on its way to another state is told as such', async () => {
    const { match } = await world()
    const stopping: Answers = [[{ probe: 'unit-status', params: unit }, ok({ activeState: 'deactivating' })]]
    const found = await match({ incident: await incidentWith(stopping), round: 1, tried: [] })
    expect(found).toMatchObject({ kind: 'none', passing: true })
  })

  test('a playbook that was tried is not proposed again', async () => {
    const { match } = await world()

    expect(await match({ incident: await incidentWith(crashed), round: 1, tried: ['service-restart'] })).toMatchObject({
      kind: 'none',
    })
  })
})

describe('a plan', () => {
  test('is frozen with its parameters, where they come from, its preview and its digest', async () => {
    const { build } = await world()
    const { plan, digest } = await readPlan(db.store, (await planned(build)).plan)

    expect(digestOf(plan)).toBe(digest)
    expect(plan).toMatchObject({ params: unit, signature: 'service-crashed', wants: 'Restart nginx.service' })
    expect(plan.provenance['unit']).toEqual({ class: 'inventory', origin: 'web-01/unit/nginx.service' })
    expect(plan.preconditions).toHaveLength(3)
    expect(plan.preview).toMatchObject([{ touches: [{ kind: 'unit', name: 'nginx.service' }], reversible: true }])
    expect(Date.parse(plan.expiresAt) - Date.parse(plan.createdAt)).toBe(15_000)
  })

  test('that is built twice is one plan', async () => {
    const { build } = await world()
    const incident = await incidentWith(crashed)

    const [first, second] = [await build({ incident, ...wanted }), await build({ incident, ...wanted })]

    expect(second).toEqual(first)
  })

  test('does not apply when a precondition fails, and says what was seen', async () => {
    const { build } = await world()
    const incident = await incidentWith(portTaken)

    expect(await build({ incident, ...wanted })).toMatchObject({
      kind: 'not-applicable',
      says: expect.stringContaining('nothing else holds the ports'),
    })
  })

  test('does not apply to what the inventory does not declare', async () => {
    const { build } = await world()
    const incident = await incidentWith(crashed)

    expect(await build({ incident, ...wanted, params: { unit: 'ssh.service' } })).toMatchObject({
      kind: 'not-applicable',
    })
  })

  test('whose known fault does not fully hold is a guess', async () => {
    const { build } = await world()
    const guess = await planned(build, { signature: 'another' })

    expect((await readPlan(db.store, guess.plan)).plan.signature).toBeNull()
  })
})

describe('policy', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, Mode>>, string, string])[] = [
    ['lets a known fault be repaired alone where the config says so', { lab: 'auto' }, 'auto', 'known-fault-alone'],
    ['asks where it only suggests', { lab: 'suggest' }, 'ask', 'mode-suggest'],
    ['forbids what the config does not name', {}, 'forbid', 'mode-draft'],
  ]

  test.each(cases)('%s', async (_name, modes, verdict, rule) => {
    const { build, decide } = await world(modes)

    expect(await decide(await planned(build))).toMatchObject({ verdict, rule: { id: rule } })
  })

  test('keeps its first answer', async () => {
    const { build, decide } = await world()
    const { plan } = await planned(build)
    const first = await decide({ plan })

    expect(await (await world({ lab: 'draft' })).decide({ plan })).toEqual(first)
  })

  test('forbids a playbook that is not the planned one any more, in words', async () => {
    const { deps, build } = await world()
    const decide = createDecidePlan({ ...deps, catalogue: () => ({ ...deps.catalogue(), playbooks: [] }) })

    expect(await decide(await planned(build))).toMatchObject({ verdict: 'forbid', rule: { id: 'catalogue' } })
  })
})

describe('a run', () => {
  test('is opened once per plan, and not without a yes', async () => {
    const { deps, build, decide } = await world()
    const open = createOpenRun(deps)
    const { plan } = await planned(build)

    expect(await open({ plan, decision: null })).toMatchObject({ kind: 'refused', code: 'policy.forbidden' })
    await decide({ plan })

    expect(await open({ plan, decision: null })).toEqual(await open({ plan, decision: null }))
  })

  test('that nobody carries out is refused before its start and unknown after it', async () => {
    const { deps, build, decide } = await world()
    const settle = createSettleRun(deps)
    const { plan } = await planned(build)
    await decide({ plan })
    const opened = await createOpenRun(deps)({ plan, decision: null })
    if ('code' in opened) throw new Error(opened.says)
    const { run } = opened

    expect(await settle({ run, says: 'nobody came' })).toMatchObject({ state: 'refused', outcome: { kind: 'refused' } })
    await db.store.updateTable('run').set({ state: 'started', outcome: null }).where('id', '=', run).execute()
    expect(await settle({ run, says: 'nobody came' })).toMatchObject({ state: 'unknown' })
    expect(await settle({ run, says: 'again' })).toMatchObject({ outcome: { says: 'nobody came' } })
  })
})

describe('a run that people were asked about', () => {
  const past = new Date(Date.now() - 60_000)
  const cases: readonly (readonly [string, Partial<Insertable<Database['decision']>>, string, RegExp])[] = [
    ['was made void', { delivered_at: null, void_at: past }, 'conflict.not-delivered', /^alex's approval .* made void/],
    ['was used', { used_at: past }, 'conflict.already-decided', /^alex's approval was used by another run/],
    [
      'is about another plan',
      { plan_digest: 'b'.repeat(64) },
      'conflict.plan-changed',
      /^alex decided on another plan/,
    ],
    ['is late', { delivered_at: null, valid_until: past }, 'conflict.expired', /^alex's approval was valid until/],
    ['is a rejection', { verdict: 'reject' }, 'conflict.plan-changed', /^alex did not approve this plan/],
  ]

  test.each(cases)('is not opened by a decision that %s, and says so', async (_what, change, code, says) => {
    const { deps, open, plan, digest } = await asked()
    const decision = await decide(plan, { plan_digest: digest, ...change })

    const answer = await open({ plan, decision })

    expect(answer).toMatchObject({ kind: 'refused', code, says: expect.stringMatching(says) })
    expect(await deps.store.selectFrom('run').selectAll().where('plan', '=', plan).execute()).toEqual([])
  })

  test('is opened by an approval that counts', async () => {
    const { open, plan, digest } = await asked()

    expect(await open({ plan, decision: await decide(plan, { plan_digest: digest }) })).toMatchObject({
      state: 'planned',
    })
  })

  async function asked() {
    const { deps, build, decide: policy } = await world({ lab: 'suggest' })
    const { plan, digest } = await planned(build)
    await policy({ plan })
    return { deps, open: createOpenRun(deps), plan, digest }
  }

  async function decide(plan: string, change: Partial<Insertable<Database['decision']>>): Promise<string> {
    const { incident } = (await readPlan(db.store, plan)).plan
    const id = newId('dec')
    const at = new Date()
    const owned = { team: 'default', environment: 'lab', person: 'alex', role: 'approver', reason: 'ok' }
    const times = { decided_at: at, valid_until: new Date(at.getTime() + 20_000), delivered_at: at }
    const row = { id, incident, plan_digest: '', verdict: 'approve' as const, ...owned, ...times, ...change }
    await db.store.insertInto('decision').values(row).execute()
    return id
  }
})
