// A run begins only for an incident whose recorded story asks for exactly it, however its worker came to hear of it.
import { rmSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createRunPlaybook } from '../../activities/run-playbook.ts'
import type { Plan } from '../../domain/plan.ts'
import type { RunState } from '../../domain/run.ts'
import { digestOf } from '../../runtime/digest.ts'
import type { Store } from '../../store/connect.ts'
import { sampleCatalogue } from '../playbooks/sample.ts'
import { testStore } from '../support/postgres.ts'
import { seedIncident, seedPlan, seedRun } from '../support/seed.ts'
import { seedEntry } from '../support/seed-entry.ts'
import {
  crashed,
  deafHost,
  openRun,
  type Opened,
  playbooksDir,
  runDeps,
  seeing,
  strangeAuthority,
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
  readonly dir?: string
  readonly before: (opened: Opened, host: string) => Promise<unknown>
}

/** What the worker answers, and whether anything was prepared for it: nobody who was not asked gets that far. */
async function attempt({ plan, dir = playbooksDir, before }: Case) {
  hosts += 1
  const host = { ...deafHost, id: `asked-${hosts}`, name: `asked-${hosts}` }
  const decideAgain = async () => ({ verdict: 'auto' as const, rule: { id: 'r', says: 'Go.' }, policies: 'p' })
  const fleet = { host, authority: () => authority, measure: seeing(crashed) }
  const deps = await runDeps(store, fleet, { playbooksDir: dir, decideAgain })
  const opened = await openRun(store, host, plan, dir)
  await before(opened, host.id)
  return createRunPlaybook(deps)({ run: opened.run })
}

/** As far as a run on this host can come. */
const reachedTheDoor = {
  kind: 'refused',
  code: 'run.refused',
  says: expect.stringContaining('did not let this run in'),
}
const neverAsked = { kind: 'refused', code: 'run.refused', says: expect.stringContaining('story does not ask') }

const setEntry = (incident: string, entry: object) =>
  store
    .updateTable('timeline')
    .set({ entry: JSON.stringify(entry) })
    .where('incident', '=', incident)
    .execute()

const unasked: readonly (readonly [string, Case['before']])[] = [
  ['says nothing of it', ({ incident }) => store.deleteFrom('timeline').where('incident', '=', incident).execute()],
  [
    'asks for another run',
    ({ incident, plan }) => setEntry(incident, { kind: 'run-requested', run: 'run_other', plan: plan.id, undo: false }),
  ],
  [
    'asks for this run of another plan',
    ({ incident, run }) => setEntry(incident, { kind: 'run-requested', run, plan: 'plan_other', undo: false }),
  ],
  [
    'asks for an undo of that name',
    ({ incident, run, plan }) => setEntry(incident, { kind: 'run-requested', run, plan: plan.id, undo: true }),
  ],
  [
    'only names it',
    ({ incident, run, plan }) => setEntry(incident, { kind: 'policy', run, plan: plan.id, undo: false }),
  ],
  [
    'has gone on without it',
    ({ incident }) => seedEntry(store, incident, 'handed-over', { kind: 'handed-over', reason: 'failed', says: 'x' }),
  ],
  [
    'is another incident’s',
    async ({ incident, run }) => {
      const other = await seedIncident(store, { openedAt: new Date(), state: 'remediating' })
      await store.updateTable('run').set({ incident: other.id }).where('id', '=', run).execute()
      await store.updateTable('timeline').set({ incident: other.id }).where('incident', '=', incident).execute()
    },
  ],
]

describe('a run is refused where the incident’s story', () => {
  test.each(unasked)('%s', async (_, before) => {
    expect(await attempt({ before })).toMatchObject(neverAsked)
  })
})

test('a run that its incident’s story asks for comes as far as the door', async () => {
  expect(await attempt({ before: async () => undefined })).toMatchObject(reachedTheDoor)
})

describe('an undo', () => {
  const withUndo = () => {
    const task = '- name: Make\n  ansible.builtin.file: { path: /root/made, state: directory }'
    const dir = sampleCatalogue({ tasks: task, undo: task.replace('Make', 'Take away').replace('directory', 'absent') })
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    return { dir, plan: { kind: 'undo' } as const }
  }
  const undone = ({ incident }: Opened, set: { readonly state: RunState }) =>
    store.updateTable('run').set(set).where('incident', '=', incident).where('state', '=', 'failed').execute()

  test('of a run that failed comes as far as the door', async () => {
    expect(await attempt({ ...withUndo(), before: async () => undefined })).toMatchObject(reachedTheDoor)
  })

  test('of a run that succeeded and did not help comes as far as the door', async () => {
    const outcome = await attempt({
      ...withUndo(),
      before: async (opened) => {
        await undone(opened, { state: 'succeeded' })
        await seedEntry(store, opened.incident, 'remediating', { kind: 'not-recovered', checks: [], rule: 'firing' })
      },
    })
    expect(outcome).toMatchObject(reachedTheDoor)
  })

  const nothingToUndo = { kind: 'refused', code: 'run.refused', says: expect.stringContaining('nothing to undo') }
  const cases: readonly (readonly [string, Case['before']])[] = [
    ['succeeded', (opened) => undone(opened, { state: 'succeeded' })],
    ['is not known', (opened) => undone(opened, { state: 'unknown' })],
    ['never began', (opened) => undone(opened, { state: 'refused' })],
    [
      'failed unrecorded',
      ({ incident }) =>
        store.deleteFrom('timeline').where('incident', '=', incident).where('sequence', '=', 1).execute(),
    ],
    [
      'was of another attempt',
      ({ incident }) =>
        store
          .updateTable('plan')
          .set({ attempt: 2 })
          .where('incident', '=', incident)
          .where('kind', '=', 'remediate')
          .execute(),
    ],
    [
      'had other parameters',
      async ({ incident, plan }) => {
        const body = JSON.stringify({ ...plan, params: { unit: 'ssh.service' } })
        const those = store.updateTable('plan').set({ body }).where('incident', '=', incident)
        await those.where('kind', '=', 'remediate').execute()
      },
    ],
  ]

  test.each(cases)('of a run that %s is refused', async (_, before) => {
    expect(await attempt({ ...withUndo(), before })).toMatchObject(nothingToUndo)
  })
})

describe('attempts are counted in SQL, whatever number the plan has:', () => {
  const usedUp = { kind: 'refused', code: 'policy.forbidden', says: expect.stringContaining('attempts') }

  /** Runs of other incidents for the same fault on the same host. */
  async function before(host: string, identity: string, states: readonly RunState[], playbook = 'config-restore') {
    for (const state of states) {
      const incident = await seedIncident(store, { openedAt: new Date(), host, state: 'closed' })
      const hosts: Plan['hosts'] = [{ id: host, name: host, hostKeys: [] }]
      const plan = await seedPlan(store, incident, { hosts, playbook: { id: playbook, version: '1.0.0', digest: 'd' } })
      await store.updateTable('plan').set({ identity }).where('id', '=', plan.id).execute()
      await seedRun(store, incident, plan, { after: 0, state, outcome: null })
    }
  }
  const cases: readonly (readonly [string, readonly RunState[], object])[] = [
    ['two that began leave no third', ['failed', 'succeeded'], usedUp],
    ['one that is not known counts as well', ['unknown', 'started'], usedUp],
    ['those that were refused do not count', ['refused', 'planned', 'refused'], reachedTheDoor],
    ['one leaves another', ['failed'], reachedTheDoor],
  ]

  test.each(cases)('%s', async (_, states, expected) => {
    const outcome = await attempt({ before: ({ incident }, host) => before(host, digestOf(incident), states) })
    expect(outcome).toMatchObject(expected)
  })

  test('the same playbook is not tried twice for one fault', async () => {
    const outcome = await attempt({
      before: ({ incident }, host) => before(host, digestOf(incident), ['failed'], 'service-restart'),
    })
    expect(outcome).toMatchObject({
      kind: 'refused',
      code: 'policy.forbidden',
      says: expect.stringContaining('was tried'),
    })
  })

  test('runs on other hosts and for other faults do not count', async () => {
    const outcome = await attempt({
      before: async ({ incident }, host) => {
        await before('elsewhere', digestOf(incident), ['failed', 'failed'])
        await before(host, digestOf('another'), ['failed', 'failed'])
      },
    })
    expect(outcome).toMatchObject(reachedTheDoor)
  })
})

test('nothing is carried out for a dry run, also where the database let its story ask for it', async () => {
  const before = async ({ incident, run }: Opened) => {
    const never = sql`update incident set dry_run = true where id = ${incident}`
    await expect(never.execute(store)).rejects.toThrow('of a dry run nothing is carried out')
    await sql`alter table incident disable trigger incident_stays_dry_run`.execute(store)
    await sql`alter table incident drop constraint dry_run_never_acts`.execute(store)
    await never.execute(store)
    const again = sql`update run set incident = incident where id = ${run}`
    await expect(again.execute(store)).rejects.toThrow('of a dry run nothing is carried out')
  }

  expect(await attempt({ before })).toMatchObject(neverAsked)
})
