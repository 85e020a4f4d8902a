import { afterAll, beforeAll, expect, test } from 'vitest'
import { handOverText } from '../../../cli/hand-over-text.ts'
import { handOverMarkdown } from '../../../domain/telling/hand-over.ts'
import type { TimelineEntry } from '../../../domain/timeline.ts'
import { approver, browserOf, seen } from '../../support/pages.ts'
import { testStore, type TestStore } from '../../support/postgres.ts'
import {
  seedDecision,
  type Seeded,
  seedEvidence,
  seedIncident,
  seedPlan,
  seedRun,
  seedStory,
} from '../../support/seed.ts'
import { handOver } from '../../../store/view/hand-over.ts'
import { incidentView } from '../../../store/view/incident.ts'
import { pendingApproval } from '../../../store/view/approval.ts'

// An incident that flaps: more looks, plans, decisions and runs than one page lists.
const rounds = 4
const answersEach = 45
const repairs = 21
const decisions = 51

let db: TestStore
let flapping: Seeded
let last: { readonly id: string; readonly digest: string }
const now = new Date()
const readable = { team: null, now, catalogue: { digest: 'of the test', playbooks: [] } }
const inventory = { digest: 'of the test', hosts: [] }

beforeAll(async () => {
  db = await testStore()
  const openedAt = new Date(now.getTime() - 600_000)
  flapping = await seedIncident(db.store, { openedAt, state: 'awaiting-approval' })
  const at = (after: number): string => new Date(openedAt.getTime() + after * 1_000).toISOString()
  for (let repair = 1; repair < repairs; repair += 1) {
    const plan = await seedPlan(db.store, flapping, { createdAt: at(repair) })
    await seedRun(db.store, flapping, plan, {
      after: repair * 1_000,
      state: 'succeeded',
      outcome: { kind: 'succeeded', changed: repair, tasks: 4 },
    })
  }
  const plan = await seedPlan(db.store, flapping, { createdAt: at(repairs) })
  await seedRun(db.store, flapping, plan, { after: repairs * 1_000, state: 'unknown', outcome: null })
  for (let count = 1; count <= decisions; count += 1) {
    const said = { person: 'robin', reason: `reason ${count}` }
    await seedDecision(db.store, { ...flapping, openedAt: new Date(at(count)) }, 'a'.repeat(64), said)
  }
  const looked: (readonly [number, TimelineEntry])[] = []
  for (let round = 1; round <= rounds; round += 1) {
    const answers = Array.from({ length: answersEach }, (_, unit) => answerOf(round, unit))
    const evidence = await seedEvidence(db.store, flapping, answers, { round })
    const entry = { kind: 'looked', host: 'web-01', round, evidence, failed: 0, milliseconds: 61 } as const
    looked.push([round, entry])
  }
  const expiresAt = new Date(now.getTime() + 600_000).toISOString()
  await seedStory(db.store, flapping, [
    ...looked,
    [10, { kind: 'asked', plan: plan.id, digest: plan.digest, expiresAt }],
  ])
  last = plan
})
afterAll(() => db.end())

function answerOf(round: number, unit: number) {
  return [
    { probe: 'unit-status', params: { unit: `unit-${unit}.service` } },
    { status: 'ok', facts: { state: `seen in round ${round}` }, excerpt: '', truncated: false },
  ] as const
}

test('the hand-over pack knows what the last look saw, and says how much is not listed', async () => {
  const pack = await handOver(db.store, flapping.id, { ...readable, inventory })
  expect(pack.known).toHaveLength(answersEach)
  expect(new Set(pack.evidence.map(({ round }) => round))).toEqual(new Set([rounds]))
  expect(pack.left).toEqual({ alerts: 0, answers: (rounds - 1) * answersEach, runs: 1 })
  const says = 'Not listed here: 135 more answers of probes and 1 more run.'
  expect(handOverMarkdown(pack)).toContain(says)
  expect(handOverText(pack)).toContain(says)
})

test('a look at another host hides nothing of its own', async () => {
  const looked = await seedIncident(db.store, { openedAt: new Date(now.getTime() - 60_000), state: 'handed-over' })
  await seedEvidence(db.store, looked, [answerOf(1, 0), answerOf(1, 1)])
  await seedEvidence(db.store, looked, [answerOf(2, 0)], { round: 2, host: 'web-02' })
  await seedEvidence(db.store, looked, [answerOf(3, 1)], { round: 3 })
  const pack = await handOver(db.store, looked.id, { ...readable, inventory })
  expect(pack.known.map(({ says }) => says)).toEqual([
    'unit-status unit-0.service: state seen in round 1',
    'unit-status unit-1.service: state seen in round 3',
    'unit-status unit-0.service on web-02: state seen in round 2',
  ])
  expect(pack.left.answers).toBe(1)
})

test('the newest plan, run and decision are there, in their order', async () => {
  const view = await incidentView(db.store, flapping.id, readable)
  expect(view.plans.at(-1)?.id).toBe(last.id)
  expect(view.runs.map(({ outcome }) => (outcome?.kind === 'succeeded' ? outcome.changed : null))).toEqual([
    ...Array.from({ length: repairs - 2 }, (_, at) => at + 2),
    null,
  ])
  expect(view.decisions[0]?.reason).toBe('reason 2')
  expect(view.decisions.at(-1)?.reason).toBe(`reason ${decisions}`)
  expect(view.evidence.at(-1)?.round).toBe(rounds)
  expect(view.left).toEqual({ alerts: 0, answers: 60, calls: 0, plans: 1, decisions: 1, runs: 1 })
})

test('the plan that waits is found, however many there were before it', async () => {
  const context = { ...readable, inventory }
  const approval = await pendingApproval(db.store, flapping.id, context)
  expect(approval).toMatchObject({ kind: 'pending', plan: { id: last.id, digest: last.digest } })
})

test('pages show what the last look saw, and say how much is not listed', async () => {
  const browser = await browserOf(db.store, approver, { now: () => now })
  const page = seen(await browser.get(`/incidents/${flapping.number}`))
  expect(page).toContain(`seen in round ${rounds}`)
  expect(page).toContain('Not listed here: 60 more answers of probes, 1 more plan, 1 more decision and 1 more run.')
  expect(page).toContain('Its answers are not listed.')
  expect(seen(await browser.get(`/incidents/${flapping.number}/hand-over`))).toContain(
    'Not listed here: 135 more answers of probes and 1 more run.',
  )
})
