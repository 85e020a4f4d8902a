// Tries a playbook on a lab's host as the product would: plan from what is measured now, approval, run, oracle.
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { freeze } from '../../activities/freeze.ts'
import { createRunPlaybook, type RunPlaybookDeps } from '../../activities/run-playbook.ts'
import { loadCatalogue } from '../../catalogue/load.ts'
import type { Subject } from '../../domain/inventory.ts'
import type { Playbook } from '../../domain/playbook.ts'
import { bind, evaluate } from '../../domain/predicate.ts'
import type { RunOutcome } from '../../domain/run.ts'
import { recognise, requestsOf, type Recognition } from '../../domain/signature.ts'
import { attemptInside, inside } from '../../lab/inside.ts'
import { type LabState, requireHost, requireState } from '../../lab/state.ts'
import { type Lab, startLab } from '../../lab/up.ts'
import type { Store } from '../../store/connect.ts'
import { approve, openRun, type Opened, playbooksDir, runDeps } from '../activities/run-world.ts'
import { testStore } from '../support/postgres.ts'
import { labFleet, type LabFleet } from './lab-fleet.ts'

const subject = 'web-01'

export type Trial = {
  readonly state: () => LabState
  readonly store: () => Store
  readonly url: () => string
  readonly fleet: () => LabFleet
  /** What the catalogue recognises on the host, asked as an alert about this would. */
  readonly recognised: (subjects: readonly Subject[]) => Promise<Recognition>
  /** Plans and runs; `refused` when it does not even come to a plan. */
  readonly run: (playbook: string, params: Readonly<Record<string, string>>, change?: Change) => Promise<Tried>
  /** Which checks of the playbook's verification do not hold now. */
  readonly notVerified: (playbook: string, params: Readonly<Record<string, string>>) => Promise<readonly string[]>
  /** Fails unless they all hold before the time is over that the playbook has to settle. */
  readonly untilVerified: (playbook: string, params: Readonly<Record<string, string>>) => Promise<void>
  /** Ages every run by years: caps and cool-downs are tested where policy is. */
  readonly forgetRuns: () => Promise<void>
  /** One command as root on the host. */
  readonly inHost: (...command: readonly string[]) => Promise<string>
  readonly exists: (path: string) => Promise<boolean>
}

export type Change = Partial<RunPlaybookDeps> & { readonly kind?: 'undo' }
export type Tried = { readonly outcome: RunOutcome; readonly opened: Opened; readonly deps: RunPlaybookDeps }

/** A lab of its own for a test file, and a store whose caps know nothing of the test before. */
export function labTrial(hosts = 1): Trial {
  let lab: Lab
  let state: LabState
  let fleet: LabFleet
  let store: Store
  let url: string
  let playbooks: readonly Playbook[]
  const ends: (() => Promise<void> | void)[] = []

  beforeAll(async () => {
    const test = await testStore()
    store = test.store
    url = test.url
    ends.push(test.end)
    playbooks = (await loadCatalogue({ dir: playbooksDir, modes: {} })).playbooks
    lab = await startLab({ hosts, monitoring: false })
    ends.push(lab.stop)
    state = requireState(lab.name)
    fleet = await labFleet(lab)
    ends.push(fleet.close)
  })
  afterAll(async () => {
    for (const end of ends.toReversed()) await end()
  })
  const forgetRuns = async (): Promise<void> => {
    const longAgo = { created_at: new Date(0), started_at: new Date(0), ended_at: new Date(0) }
    await store.updateTable('run').set(longAgo).execute()
  }
  beforeEach(forgetRuns)

  const playbookOf = (id: string): Playbook => {
    const found = playbooks.find((one) => one.id === id)
    if (found === undefined) throw new Error(`The catalogue has no playbook ${id}.`)
    return found
  }
  const look = (of: readonly Playbook[], subjects: readonly Subject[]) => {
    const host = fleet.host(subject)
    return fleet.fleet(subject).measure(host, requestsOf(of, { host, subjects }))
  }
  const notVerified = async (id: string, params: Readonly<Record<string, string>>) => {
    const evidence = await look([playbookOf(id)], [])
    const findings = playbookOf(id).verify.predicates.map((one) => evaluate(bind(one, params), evidence))
    return findings
      .filter((one) => one.answer !== 'holds')
      .map((one) => `${one.predicate.says}: ${String(one.observed)}`)
  }
  return {
    state: () => state,
    store: () => store,
    url: () => url,
    forgetRuns,
    fleet: () => fleet,
    inHost: (...command) => inside(requireHost(state, subject), [...command]),
    exists: async (path) => (await attemptInside(requireHost(state, subject), ['test', '-e', path])).exitCode === 0,
    recognised: async (subjects) =>
      recognise(playbooks, { host: fleet.host(subject), subjects }, await look(playbooks, subjects)),
    notVerified,
    untilVerified: async (id, params) => {
      // A reload answers before the service let go of its old files, so one look would judge too early.
      const timeout = playbookOf(id).verify.settleSeconds * 1_000
      await expect.poll(() => notVerified(id, params), { timeout, interval: 200 }).toEqual([])
    },
    run: async (id, params, { kind, ...change } = {}) => {
      const playbook = playbookOf(id)
      const host = fleet.host(subject)
      const frozen = freeze(playbook, { signature: null, params, host }, await look([playbook], []))
      const measured =
        frozen.kind === 'frozen'
          ? { params: frozen.params, preview: frozen.preview, preconditions: frozen.preconditions }
          : { params }
      const deps = await runDeps(store, fleet.fleet(subject), change)
      const opened = await openRun(store, host, {
        ...measured,
        tier: playbook.tier,
        playbook: { id, version: playbook.version, digest: playbook.digest },
        ...(kind === undefined ? {} : { kind, preconditions: [] }),
      })
      await approve(store, opened)
      return { outcome: await createRunPlaybook(deps)({ run: opened.run }), opened, deps }
    },
  }
}
