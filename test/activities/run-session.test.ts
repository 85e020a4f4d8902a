// How long a run counts as alive on its host. Stand-ins are what the host and Ansible say.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createReconcileRun } from '../../activities/reconcile-run.ts'
import { createRunPlaybook, type RunPlaybookDeps } from '../../activities/run-playbook.ts'
import type { Launch } from '../../runtime/ansible/launcher.ts'
import type { Ended, WriteDoor } from '../../runtime/write-door.ts'
import type { Store } from '../../store/connect.ts'
import { testStore } from '../support/postgres.ts'
import { approve, crashed, deafHost, openRun, runDeps, seeing } from './run-world.ts'

let store: Store
let end: () => Promise<void>

beforeAll(async () => {
  ;({ store, end } = await testStore())
})
afterAll(async () => end())

const ask: RunPlaybookDeps['decideAgain'] = async () => ({
  verdict: 'ask',
  rule: { id: 'r', says: 'A person decides.' },
  policies: 'p',
})
const counted = { ok: 1, failures: 0, unreachable: 0, changed: 1, skipped: 0, rescued: 0, ignored: 0 }
const lastWord: Ended = { how: 'ended', killed: 0, left: 0 }

/** A host whose session ends by itself when the time that it was given is over. */
function hostAt(clock: { seconds: number }, digest: () => string): WriteDoor {
  let sessionEnds = 0
  return {
    sshArguments: [],
    begin: async ({ hardTimeoutSeconds }) => {
      sessionEnds = clock.seconds + hardTimeoutSeconds
      const door = { closed: new Promise<void>(() => undefined), recorded: Promise.resolve() }
      return { kind: 'open', door: { ...door, finish: async () => lastWord } }
    },
    status: async (_, { fence }) => {
      const ended = clock.seconds < sessionEnds ? null : 'expired'
      return { kind: 'found', planDigest: digest(), fence, statistics: null, ended, left: 0 }
    },
    cancel: async () => lastWord,
    end: async () => lastWord,
  }
}

/** A check that is over at once, and a play that never ends by itself. */
function quickCheck(host: string, begun: () => void): Launch {
  return ({ check, onEvent }) => {
    const ended = Promise.withResolvers<void>()
    const go = () => {
      if (!check) return begun()
      onEvent({ kind: 'task', task: 'Restart' })
      onEvent({ kind: 'ok', task: 'Restart', changed: true, would: [], blind: true })
      onEvent({ kind: 'stats', hosts: { [host]: counted }, tasks: 1, failedTask: null })
      ended.resolve()
    }
    return { go, ended: ended.promise, complaint: () => '', stop: async () => ended.resolve() }
  }
}

const prepared = { authority: () => '', measure: seeing(crashed) }

test('after a quick check and a lost worker the host is waited for until its session is certainly over', async () => {
  const clock = { seconds: 0 }
  const epoch = Date.now()
  const now = () => new Date(epoch + clock.seconds * 1_000)
  const opened = await openRun(store, deafHost)
  await approve(store, opened)
  const begun = Promise.withResolvers<void>()
  const lost = new AbortController()
  const door = hostAt(clock, () => opened.plan.digest)
  const deps = await runDeps(
    store,
    { host: deafHost, ...prepared },
    { decideAgain: ask, door, launch: quickCheck(deafHost.name, begun.resolve), now, cancelled: () => lost.signal },
  )
  const working = createRunPlaybook(deps)({ run: opened.run })
  await Promise.race([begun.promise, working])

  // Each look at the clock is a minute later: the play alone would be over at the second, the session is not.
  const reconcile = createReconcileRun({
    ...deps,
    now: () => {
      clock.seconds += 60
      return now()
    },
  })
  const outcome = await reconcile({ run: opened.run })
  lost.abort()
  await working

  expect(outcome).toMatchObject({ kind: 'unknown', says: expect.stringContaining('began there and was expired') })
})

test('a run whose last questions outlast its lease does not begin', async () => {
  const clock = { seconds: 0 }
  const epoch = Date.now()
  const host = { ...deafHost, id: 'web-02', name: 'web-02' }
  const opened = await openRun(store, host)
  await approve(store, opened)
  const deps = await runDeps(
    store,
    { host, ...prepared },
    {
      decideAgain: async (...asked) => {
        clock.seconds += 40
        return ask(...asked)
      },
      door: hostAt(clock, () => opened.plan.digest),
      launch: quickCheck(host.name, () => expect.unreachable('the play began')),
      now: () => new Date(epoch + clock.seconds * 1_000),
    },
  )
  expect(await createRunPlaybook(deps)({ run: opened.run })).toMatchObject({
    kind: 'refused',
    code: 'conflict.expired',
  })
})

test('a lease that the host has refused, for it has seen a newer one, is not counted: no later run gets in by itself', async () => {
  const host = { ...deafHost, id: 'web-03', name: 'web-03' }
  const told: number[] = []
  const door: WriteDoor = {
    ...hostAt({ seconds: 0 }, () => ''),
    begin: async ({ fence }) => {
      told.push(fence)
      return { kind: 'refused', why: told.length === 3 ? 'unreachable' : 'stale', says: 'It has seen a newer lease.' }
    },
  }
  for (const _ of [1, 2, 3, 4]) {
    const opened = await openRun(store, host)
    await approve(store, opened)
    const deps = await runDeps(store, { host, ...prepared }, { decideAgain: ask, door })
    expect(await createRunPlaybook(deps)({ run: opened.run })).toMatchObject({ kind: 'refused', code: 'run.refused' })
  }
  // What gave no answer may have let the third one in.
  expect(told).toEqual([1, 1, 1, 2])
})
