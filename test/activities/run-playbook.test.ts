// Everything that must keep a run from starting. The runs that do start are in test/playbooks, on real hosts.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createRunPlaybook, type RunPlaybookDeps } from '../../activities/run-playbook.ts'
import type { Facts } from '../../domain/evidence.ts'
import type { Plan } from '../../domain/plan.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import type { Store } from '../../store/connect.ts'
import { testStore } from '../support/postgres.ts'
import { leftovers, openIn } from './left-behind.ts'
import {
  approve,
  crashed,
  deafHost,
  listing,
  openRun,
  type Opened,
  playbooksDir,
  reclaiming,
  runDeps,
  seeing,
  strangeAuthority,
  unlisted,
} from './run-world.ts'

let store: Store
let end: () => Promise<void>
let authority: string
let hosts = 0

beforeAll(async () => {
  ;({ store, end } = await testStore())
  authority = strangeAuthority()
})
afterAll(async () => end())

type Case = {
  readonly plan?: Partial<Plan>
  readonly deps?: Partial<RunPlaybookDeps>
  readonly facts?: typeof crashed
  readonly host?: Partial<InventoryHost>
  readonly before?: (opened: Opened, host: InventoryHost) => Promise<void>
}

/** Each case has a host of its own, so that none holds the lease or the caps of another. */
async function attempt({ plan, deps, facts = crashed, host: change, before }: Case) {
  hosts += 1
  const approved = { ...deafHost, id: `web-${hosts}`, name: `web-${hosts}` }
  const fleet = { host: { ...approved, ...change }, authority: () => authority, measure: seeing(facts) }
  const given = await runDeps(store, fleet, deps)
  const opened = await openRun(store, approved, plan)
  await before?.(opened, approved)
  const outcome = await createRunPlaybook(given)({ run: opened.run })
  const row = await store.selectFrom('run').selectAll().where('id', '=', opened.run).executeTakeFirstOrThrow()
  const lease = await store.selectFrom('host_lease').selectAll().where('host', '=', approved.id).executeTakeFirst()
  return { outcome, row, lease, given, opened }
}

const ask = async () => ({ verdict: 'ask' as const, rule: { id: 'r', says: 'A person decides.' }, policies: 'p' })
const past = new Date(Date.now() - 60_000)

/** A person has approved that two files go; one of them is gone by now. */
const reclaim: Case = { ...reclaiming, deps: { decideAgain: ask }, before: (opened) => approve(store, opened) }
const unlike = (seen: Facts): Case => ({ ...reclaim, facts: { ...reclaim.facts, 'rotated-logs': seen } })

const refusals: readonly (readonly [what: string, code: string, says: RegExp, one: Case])[] = [
  ['a plan that has expired', 'conflict.expired', /expired/, { plan: { expiresAt: past.toISOString() } }],
  [
    'a deadline that has passed',
    'conflict.expired',
    /too late/,
    {
      before: async ({ run }) =>
        void (await store.updateTable('run').set({ deadline: past }).where('id', '=', run).execute()),
    },
  ],
  [
    'a plan that was changed in the store',
    'conflict.plan-changed',
    /not the one that was approved/,
    {
      before: async ({ plan }) => {
        const body = JSON.stringify({ ...plan, digest: undefined, params: { unit: 'ssh.service' } })
        await store.updateTable('plan').set({ body }).where('id', '=', plan.id).execute()
      },
    },
  ],
  ['a parameter outside the inventory', 'run.refused', /value of unit/, { plan: { params: { unit: 'ssh.service' } } }],
  [
    'a parameter too many',
    'run.refused',
    /not those of the playbook/,
    { plan: { params: { unit: 'nginx.service', ansible_port: 1 } } },
  ],
  ['a host that was renamed', 'conflict.plan-changed', /no host/, { host: { name: 'db-01' } }],
  ['a host whose keys changed', 'host.unknown-key', /pinned keys/, { host: { hostKeys: ['ssh-ed25519 AAAAB3'] } }],
  [
    'another digest of the playbook',
    'catalogue.not-pinned',
    /not the one that was approved/,
    { plan: { playbook: { id: 'service-restart', version: '1.0.0', digest: 'a'.repeat(64) } } },
  ],
  [
    'a playbook that does not exist',
    'catalogue.invalid',
    /no playbook of that name/,
    { plan: { playbook: { id: 'no-such', version: '1.0.0', digest: 'a'.repeat(64) } } },
  ],
  ['an undo that is not there', 'run.refused', /has no undo/, { plan: { kind: 'undo' } }],
  [
    'a precondition that is false',
    'run.refused',
    /nginx.service has failed \(activeState is active\)/,
    { facts: { ...crashed, 'unit-status': { activeState: 'active' } } },
  ],
  ['a precondition that can not be seen', 'run.refused', /could not be seen/, { facts: { ...crashed, listeners: {} } }],
  [
    'a policy that forbids it by now',
    'policy.forbidden',
    /Closed/,
    { deps: { decideAgain: async () => ({ verdict: 'forbid', rule: { id: 'x', says: 'Closed.' }, policies: 'p' }) } },
  ],
  ['a policy that asks where nobody was asked', 'policy.forbidden', /without a person/, { deps: { decideAgain: ask } }],
  [
    'a void decision',
    'conflict.not-delivered',
    /made void/,
    { before: (opened) => approve(store, opened, { void_at: past }) },
  ],
  [
    'a used decision',
    'conflict.already-decided',
    /used by another run/,
    { before: (opened) => approve(store, opened, { used_at: past }) },
  ],
  [
    'a decision for another plan',
    'conflict.plan-changed',
    /another plan than this one/,
    { before: (opened) => approve(store, opened, { plan_digest: 'b'.repeat(64) }) },
  ],
  [
    'a rejection',
    'conflict.plan-changed',
    /did not approve/,
    { before: (opened) => approve(store, opened, { verdict: 'reject' }) },
  ],
  [
    'a decision that was never delivered',
    'conflict.expired',
    /valid until/,
    { before: (opened) => approve(store, opened, { delivered_at: null, valid_until: past }) },
  ],
  [
    'a host that another run has',
    'run.refused',
    /Another run/,
    {
      before: async (_, host) =>
        void (await store
          .insertInto('host_lease')
          .values({ host: host.id, run: 'run_other', until: new Date(Date.now() + 60_000) })
          .execute()),
    },
  ],
  [
    'a host in quarantine',
    'policy.forbidden',
    /quarantine: odd/,
    {
      before: async (_, host) =>
        void (await store
          .insertInto('host_lease')
          .values({ host: host.id, quarantined_at: past, quarantined_because: 'odd' })
          .execute()),
    },
  ],
  ['a file not shown', 'run.not-as-previewed', /touch .var.log.nginx.b.log.1, w/, unlike(listing('b.log.1'))],
  ['a list not to be had', 'run.not-as-previewed', /not be measured again/, unlike(unlisted)],
  ['a door that stays shut, though more was shown', 'run.refused', /did not let this run in/, reclaim],
  ['a door that does not open', 'run.refused', /did not let this run in/, {}],
]

test.each(refusals)('a run is refused for %s, and the host is free again', async (_, code, says, one) => {
  const { outcome, row, lease, given } = await attempt(one)
  expect(outcome).toMatchObject({ kind: 'refused', code, says: expect.stringMatching(says) })
  expect(row).toMatchObject({ state: 'refused', started_at: null, outcome: { kind: 'refused', code } })
  expect(lease?.run ?? null).not.toBe(row.id)
  expect(leftovers(given)).toEqual([])
})

test('a run is refused while all changes are stopped, and when the switch has no row', async () => {
  const set = (stopped: boolean) =>
    store.updateTable('kill_switch').set({ stopped, by: 'alex', says: 'drill' }).execute()
  await set(true)
  const { outcome } = await attempt({})
  expect(outcome).toMatchObject({
    kind: 'refused',
    code: 'stopped',
    says: expect.stringContaining('alex has stopped all changes: drill'),
  })
  await store.deleteFrom('kill_switch').execute()
  expect((await attempt({})).outcome).toMatchObject({ kind: 'refused', code: 'stopped' })
  await store.insertInto('kill_switch').values({ stopped: false, by: 'alex', says: 'over', at: new Date() }).execute()
})

test('a playbook that was changed on the disk after the approval is refused by name', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'millwright-tampered-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  cpSync(playbooksDir, dir, { recursive: true })
  const file = join(dir, 'service-restart', 'playbook.yml')
  writeFileSync(file, readFileSync(file, 'utf8').replace('state: restarted', 'state: stopped'))
  const { outcome } = await attempt({ deps: { playbooksDir: dir } })
  expect(outcome).toMatchObject({
    kind: 'refused',
    code: 'catalogue.not-pinned',
    says: expect.stringContaining('service-restart'),
  })
})

test('an approved plan claims its decision once: the same decision opens no second run', async () => {
  const { outcome, opened } = await attempt({
    deps: { decideAgain: ask },
    before: (one) => approve(store, one),
  })
  expect(outcome).toMatchObject({ code: 'run.refused', says: expect.stringContaining('did not let this run in') })
  const row = await store
    .selectFrom('decision')
    .selectAll()
    .where('id', '=', `dec_${opened.run}`)
    .executeTakeFirstOrThrow()
  expect(row).toMatchObject({ used_by: opened.run })
})

test.each(['leased', 'started'] as const)(
  'a run that a lost worker left %s is unknown and nothing is started',
  async (state) => {
    const started = { called: false }
    const launch = () => {
      started.called = true
      throw new Error('not to be called')
    }
    const before = async ({ run }: Opened) =>
      void (await store.updateTable('run').set({ state }).where('id', '=', run).execute())
    const { outcome, row } = await attempt({ deps: { launch }, before })
    expect(outcome).toMatchObject({ kind: 'unknown' })
    expect(row.state).toBe('unknown')
    expect(started.called).toBe(false)
  },
)

test('an ended run answers what it came to, and is not touched', async () => {
  const { given, opened, outcome } = await attempt({})
  expect(await createRunPlaybook(given)({ run: opened.run })).toEqual(outcome)
})

test('two workers with the same run: the second starts nothing', async () => {
  hosts += 1
  const host = { ...deafHost, id: `web-${hosts}`, name: `web-${hosts}` }
  const fleet = { host, authority: () => authority, measure: seeing(crashed) }
  const opened = await openRun(store, host)
  const [one, two] = await Promise.all([runDeps(store, fleet), runDeps(store, fleet)])
  const outcomes = await Promise.all([
    createRunPlaybook(one)({ run: opened.run }),
    createRunPlaybook(two)({ run: opened.run }),
  ])
  const lease = await store.selectFrom('host_lease').selectAll().where('host', '=', host.id).executeTakeFirstOrThrow()
  expect(lease.fence).toBe('1')
  // Whoever comes second while the first is at work says that it is unknown, and the first then starts nothing either.
  for (const { kind } of outcomes) expect(['refused', 'unknown']).toContain(kind)
  const row = await store.selectFrom('run').selectAll().where('id', '=', opened.run).executeTakeFirstOrThrow()
  expect(row.started_at).toBeNull()
})

test('a run whose folder can not be made, or whose Ansible can not be started, is refused and leaves nothing', async () => {
  const launch = () => {
    throw new Error('no more processes')
  }
  const unstarted = await attempt({ deps: { launch } })
  expect(unstarted.outcome).toMatchObject({ kind: 'refused', says: 'no more processes' })
  expect(leftovers(unstarted.given)).toEqual([])
  expect(openIn(unstarted.given)).toEqual([])
  expect(unstarted.row).toMatchObject({ state: 'refused' })
  // A file stands where the folder would be.
  const unmade = await attempt({ deps: { privateDir: join(import.meta.dirname, 'run-world.ts') } })
  expect(unmade.outcome).toMatchObject({ kind: 'refused', says: expect.stringContaining('ENOTDIR') })
  expect(unmade.row).toMatchObject({ state: 'refused' })
})
