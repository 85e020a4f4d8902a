// A host on paper: one unit, its run records and an append-only list of what was done to it, in files that outlive any
// worker.
// It stands in at the wire: where a probe is answered, a door opened, Ansible started. Everything behind that is the
// real thing.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AskHost } from '../../activities/ask-host.ts'
import type { Evidence, Facts, ProbeOutcome, ProbeRequest } from '../../domain/evidence.ts'
import type { InventoryHost } from '../../domain/inventory.ts'
import type { Statistics } from '../../runtime/ansible/judge.ts'
import type { Launch, RunEvent } from '../../runtime/ansible/launcher.ts'
import type { RunFolder } from '../../runtime/ansible/run-folder.ts'
import { digestOf } from '../../runtime/digest.ts'
import type { WriteDoor } from '../../runtime/write-door.ts'

/**
 * `crashed`: a restart helps; `broken`: it does not; `odd`: nothing that a playbook knows; `well`: nothing is wrong.
 */
export type Condition = 'crashed' | 'broken' | 'odd' | 'well'

type Written = { readonly run: string; readonly planDigest: string; readonly statistics: Statistics | null }

export type PaperHosts = {
  readonly add: (host: string, condition: Condition) => void
  /** What was done to it, line by line. */
  readonly effects: (host: string) => readonly string[]
  readonly askHost: AskHost
  readonly door: WriteDoor
  readonly launch: Launch
}

/** `inTask` is called after the change and before anybody hears of it. */
export function paperHosts(folder: string, inTask: (host: string) => void = () => undefined): PaperHosts {
  mkdirSync(folder, { recursive: true })
  const conditionFile = (host: string): string => join(folder, `${host}.condition`)
  const effectsFile = (host: string): string => join(folder, `${host}.effects`)
  const recordFile = (host: string, fence: number): string => join(folder, `${host}.run-${fence}`)
  const conditionOf = (host: string): string => readFileSync(conditionFile(host), 'utf8')
  const open = new Map<string, { host: string; fence: number; recorded: () => void }>()

  const door: WriteDoor = {
    sshArguments: [],
    begin: async ({ run, planDigest, fence, host, folder: runFolder }) => {
      const record: Written = { run, planDigest, statistics: null }
      try {
        writeFileSync(recordFile(host.id, fence), JSON.stringify(record), { flag: 'wx' })
      } catch {
        return { kind: 'refused', why: 'duplicate', says: 'This run began there before.' }
      }
      const written = Promise.withResolvers<void>()
      open.set(runFolder.path, { host: host.id, fence, recorded: () => written.resolve() })
      const ended = { how: 'ended', killed: 0, left: 0 }
      const never = new Promise<void>(() => undefined)
      return { kind: 'open', door: { closed: never, recorded: written.promise, finish: async () => ended } }
    },
    status: async (host, { fence }) => {
      const file = recordFile(host.id, fence)
      if (!existsSync(file)) return { kind: 'none' }
      const { planDigest, statistics }: Written = JSON.parse(readFileSync(file, 'utf8'))
      return { kind: 'found', planDigest, fence, statistics, ended: statistics === null ? null : 'ended', left: 0 }
    },
    cancel: (one) => one.finish('cancel'),
    end: (one) => one.finish('end'),
  }

  const play = (runFolder: RunFolder, what: string, onEvent: (event: RunEvent) => void): void => {
    const run = open.get(runFolder.path)
    if (run === undefined) return
    const { host, fence, recorded } = run
    onEvent({ kind: 'task', task: 'Restart the unit' })
    appendFileSync(effectsFile(host), `${what} ${runFolder.run}\n`)
    if (conditionOf(host) === 'crashed') writeFileSync(conditionFile(host), 'well')
    inTask(host)
    const counted = { ok: 1, failures: 0, unreachable: 0, changed: 1, skipped: 0, rescued: 0, ignored: 0 }
    const statistics: Statistics = { hosts: { [host]: counted }, tasks: 1, failedTask: null }
    const record: Written = JSON.parse(readFileSync(recordFile(host, fence), 'utf8'))
    writeFileSync(recordFile(host, fence), JSON.stringify({ ...record, statistics }))
    onEvent({ kind: 'ok', task: 'Restart the unit', changed: true })
    onEvent({ kind: 'stats', ...statistics })
    recorded()
  }

  const foretell = (runFolder: RunFolder, onEvent: (event: RunEvent) => void): void => {
    const host = open.get(runFolder.path)?.host ?? ''
    const counted = { ok: 1, failures: 0, unreachable: 0, changed: 1, skipped: 0, rescued: 0, ignored: 0 }
    onEvent({ kind: 'task', task: 'Restart the unit' })
    const would = [{ kind: 'unit' as const, name: 'nginx.service' }]
    onEvent({ kind: 'ok', task: 'Restart the unit', changed: true, would, blind: false })
    onEvent({ kind: 'stats', hosts: { [host]: counted }, tasks: 1, failedTask: null })
  }

  const launch: Launch = ({ folder: runFolder, play: file, check, onEvent }) => {
    const ended = Promise.withResolvers<void>()
    return {
      go: () => {
        if (check) foretell(runFolder, onEvent)
        else play(runFolder, file, onEvent)
        ended.resolve()
      },
      ended: ended.promise,
      complaint: () => '',
      stop: async () => ended.resolve(),
    }
  }

  return {
    add: (host, condition) => {
      writeFileSync(conditionFile(host), condition)
      writeFileSync(effectsFile(host), '')
    },
    effects: (host) => readFileSync(effectsFile(host), 'utf8').split('\n').filter(Boolean),
    askHost: async (host, requests) => requests.map((request) => answer(host, request, conditionOf(host.id))),
    door,
    launch,
  }
}

function answer(host: InventoryHost, request: ProbeRequest, condition: string): Evidence {
  const facts = factsOf(condition)[request.probe]
  const takenAt = new Date().toISOString()
  const outcome: ProbeOutcome =
    facts === undefined
      ? { status: 'failed', reason: 'refused', message: 'This host does not know that probe.' }
      : { status: 'ok', facts, excerpt: request.probe === 'journal' ? 'nginx: worker failed' : '', truncated: false }
  const id = `${digestOf({ host: host.id, request, outcome, takenAt })}`
  return { id, request, outcome, takenAt, hostClock: null, hostDigest: null }
}

function factsOf(condition: string): Readonly<Record<string, Facts>> {
  const down = condition === 'crashed' || condition === 'broken'
  return {
    'unit-status': {
      loadState: 'loaded',
      activeState: down ? 'failed' : 'active',
      result: down ? 'signal' : 'success',
    },
    'config-test': { refused: false },
    listeners: { taken: false, allListening: !down },
    'http-probe': { ok: condition === 'well' },
    'failed-units': { units: down ? ['nginx.service'] : [] },
    journal: { lines: 1, errors: 1, newest: null, lastError: null },
  }
}
