// Every activity runs twice, fails once, loses its answer, fails for good. Each incident still ends: closed, or with
// people; each change at most once.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Beside, startModelBeside } from '../../lab/model-server/beside.ts'
import { Config } from '../../runtime/config.ts'
import type { IncidentInput } from '../../workflows/messages.ts'
import { incidentWorkflowId, mindQueue } from '../../workflows/messages.ts'
import { paperHosts, type PaperHosts } from '../support/paper-host.ts'
import { paperCatalogue } from '../support/paper-catalogue.ts'
import { testStore, type TestStore } from '../support/postgres.ts'
import { seedIncident } from '../support/seed.ts'
import { testTemporal, type TestTemporal } from '../support/temporal.ts'
import { faultInterceptor, paperHost, road, type Fault } from './road.ts'
import { stories, type Story } from './stories.ts'

/** All incidents go at once, and the first of these tests waits for most of them. */
const endMilliseconds = 600_000

const faults: readonly Fault[] = ['twice', 'fails once', 'fails once after its effect', 'fails for good']

type Case = { readonly activity: string; readonly fault: Fault; readonly host: string; readonly story: Story }

const cases: readonly Case[] = [...stories].flatMap(([activity, story]) =>
  faults.map((fault) => ({
    activity,
    fault,
    host: `${activity}-${fault}`.toLowerCase().replaceAll(' ', '-'),
    story,
  })),
)

const folder = mkdtempSync(join(tmpdir(), 'millwright-faults-'))
const incidents = new Map<string, string>()
const executed = new Set<string>()
let db: TestStore
let temporal: TestTemporal
let hosts: PaperHosts
let model: Beside

beforeAll(async () => {
  ;[db, temporal] = await Promise.all([testStore(), testTemporal()])
  hosts = paperHosts(join(folder, 'hosts'), (host) => {
    if (cases.some((one) => one.host === host && one.story.cut)) throw new Error('the link was cut')
  })
  const privateDir = join(folder, 'private')
  mkdirSync(privateDir, { mode: 0o700 })
  const inventory = cases.map(({ host }) => paperHost(host))
  const playbooksDir = paperCatalogue(folder)
  const { store } = db
  // One after another, while nobody else wants the store.
  for (const one of cases) await seed(one)
  model = await startModelBeside({ folder, persona: 'always-wants-more' })
  const { models } = Config.parse({ models: model.models })
  const client = () => temporal.client
  const built = await road({ store, hosts, inventory, playbooksDir, privateDir, client, models })
  const codePath = inject('workflowBundle')
  const interceptors = { activity: [faultInterceptor(faultsOf, (name) => executed.add(name))] }
  await temporal.work({ taskQueue: 'control', workflowBundle: { codePath }, activities: built.control, interceptors })
  await temporal.work({ taskQueue: 'hands/paper', activities: built.hands, interceptors })
  await temporal.work({ taskQueue: mindQueue, activities: built.mind, interceptors })
  await Promise.all(cases.map(start))
}, 120_000)

afterAll(async () => {
  await Promise.all([db.end(), temporal.end(), model.server.stop()])
  rmSync(folder, { recursive: true, force: true })
})

describe.each(faults)('an activity that %s', (fault) => {
  test.each(cases.filter((one) => one.fault === fault))(
    '$activity',
    { timeout: endMilliseconds + 10_000 },
    async (one) => {
      await expect.poll(() => endOf(one.host), { timeout: endMilliseconds, interval: 200 }).not.toBeNull()

      if (harmless(one)) expect(await endOf(one.host)).toBe(one.story.ends)
      const effects = hosts.effects(one.host).map((line) => line.split(' ')[0])
      expect(effects.filter((what) => what === 'playbook.yml').length).toBeLessThanOrEqual(1)
      expect(effects.filter((what) => what === 'undo.yml').length).toBeLessThanOrEqual(1)
    },
  )
})

test('each activity was executed', () => {
  expect([...stories.keys()].filter((name) => !executed.has(name))).toEqual([])
})

/**
 * Faults after which the story must go on as if nothing had been. A run is begun once; one that fails before it begins
 * is refused.
 */
function harmless({ activity, fault }: Case): boolean {
  return fault !== 'fails for good' && !(activity === 'runPlaybook' && fault === 'fails once')
}

function faultsOf(whom: string): Readonly<Partial<Record<string, Fault>>> {
  const one = cases.find(({ host }) => host === whom || incidents.get(host) === whom)
  return one === undefined ? {} : { ...one.story.besides, [one.activity]: one.fault }
}

async function seed({ host, story }: Case): Promise<void> {
  hosts.add(host, story.condition)
  const { id } = await seedIncident(db.store, { openedAt: new Date(), host, sourceStatus: story.source ?? 'firing' })
  incidents.set(host, id)
}

async function start({ host, story }: Case): Promise<void> {
  const id = incidents.get(host) ?? ''
  const resumed = story.resumed === true ? { resumed: { sequence: 0, round: 0 } } : {}
  const input: IncidentInput = { version: 1, incident: id, ...resumed }
  await temporal.client.workflow.start('incident', {
    workflowId: incidentWorkflowId(id),
    taskQueue: 'control',
    args: [input],
  })
}

/** How the incident of a host ended; null while it has not. */
async function endOf(host: string): Promise<string | null> {
  const row = await db.store
    .selectFrom('incident')
    .select(['state', 'reason', 'closed_reason'])
    .where('id', '=', incidents.get(host) ?? '')
    .executeTakeFirst()
  if (row?.state === 'handed-over') return `handed-over ${row.reason}`
  return row?.state === 'closed' ? `closed ${row.closed_reason}` : null
}
