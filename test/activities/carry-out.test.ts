// How a run ends when the host, or this machine, does not let go of it. Stand-ins are what the host and Ansible say.
import { afterEach, expect, test, vi } from 'vitest'
import { carryOut, hear, type Heard, stopHere } from '../../activities/carry-out.ts'
import type { Launched, RunEvent } from '../../runtime/ansible/launcher.ts'
import type { Ended, WriteDoor } from '../../runtime/write-door.ts'
import type { RunFolder } from '../../runtime/ansible/run-folder.ts'

afterEach(() => {
  vi.useRealTimers()
})

const counted = { ok: 1, failures: 0, unreachable: 0, changed: 1, skipped: 0, rescued: 0, ignored: 0 }
const events: readonly RunEvent[] = [
  { kind: 'task', task: 'Restart' },
  { kind: 'stats', hosts: { 'web-01': counted }, tasks: 1, failedTask: null },
]

/** A play that succeeds on a host whose session says this at the end. */
function ending(lastWord: Ended | null) {
  const heard: Heard = { tasks: 0, statistics: null, says: null }
  const ended = Promise.withResolvers<void>()
  const launched: Launched = {
    go: () => {
      for (const event of events) hear(heard, event)
      ended.resolve()
    },
    ended: ended.promise,
    complaint: () => '',
    stop: async () => undefined,
  }
  const writeDoor: WriteDoor = {
    sshArguments: [],
    begin: () => Promise.reject(new Error('It is open.')),
    status: async () => ({ kind: 'none' }),
    cancel: async () => lastWord,
    end: async () => lastWord,
  }
  const folder: RunFolder = { path: '/nowhere', run: 'run_1', group: { path: '/nowhere' }, record: -1, recorded: -1 }
  return carryOut({
    folder,
    launched,
    heard,
    writeDoor,
    door: { closed: new Promise(() => undefined), recorded: Promise.resolve(), finish: async () => lastWord },
    hostName: 'web-01',
    expectChanged: true,
    hardTimeoutSeconds: 60,
    mustStop: async () => null,
    cancelled: new AbortController().signal,
  })
}

test('a run that the host has wholly ended is what its statistics say', async () => {
  expect(await ending({ how: 'ended', killed: 0, left: 0 })).toEqual({ kind: 'succeeded', changed: 1, tasks: 1 })
})

test('a run of which processes are left on the host is unknown', async () => {
  expect(await ending({ how: 'ended', killed: 2, left: 2 })).toEqual({
    kind: 'unknown',
    says: 'On web-01 2 processes of it are still alive and can’t be ended.',
  })
})

test('a run whose end the host does not confirm is unknown until its record is read', async () => {
  expect(await ending(null)).toMatchObject({ kind: 'unknown', says: expect.stringContaining('did not say') })
})

test('stopping Ansible here does not wait for ever for a process that can’t be ended', async () => {
  vi.useFakeTimers()
  const never = new Promise<void>(() => undefined)
  const stopped = stopHere({ go: () => undefined, ended: never, complaint: () => '', stop: () => never })
  await vi.advanceTimersByTimeAsync(7_000)
  await expect(stopped).resolves.toBeUndefined()
})
